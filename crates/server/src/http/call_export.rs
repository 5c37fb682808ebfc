//! A person's call log as a file: JSON as the log itself has it, or a table for a spreadsheet.

use std::{collections::HashMap, io, mem, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use protocol::{
    CallId, ConversationId, Timestamp, UserId,
    call::{CallLogEntry, CallLogPage, CallMedia, CallOutcome, EndReason},
    conversation::{Conversation, ConversationKind},
    limits,
};
use serde::Serialize;
use store::LogQuery;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    calls::{ExportFormat, LogAsked},
    error::ApiError,
    extract::{Asked, SignedIn},
};
use crate::app::App;

/// One's own calls as a file, newest first
#[utoipa::path(
    get,
    path = "/calls/export",
    params(LogAsked),
    responses((status = 200, body = Vec<CallLogEntry>, content_type = "application/json"))
)]
pub async fn export(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Asked(asked): Asked<LogAsked>,
) -> Result<Response, ApiError> {
    let format = asked.format.unwrap_or_default();
    let mut query = asked.query()?;
    query.limit = limits::CALL_LOG_PAGE_MAX;
    // What fails here is still an answer; what fails later cuts the file off, which a browser
    // reports as a failed download.
    let first = app.store.call_log(who.user_id, &query).await?;
    let (writer, content_type, disposition) = match format {
        ExportFormat::Json => (
            Writer::Json,
            "application/json",
            "attachment; filename=\"calls.json\"",
        ),
        ExportFormat::Csv => (
            Writer::Csv(Box::new(Names::load(&app, who.user_id).await?)),
            "text/csv; charset=utf-8",
            "attachment; filename=\"calls.csv\"",
        ),
    };
    let export = Export {
        app,
        user: who.user_id,
        query,
        writer,
        next: Next::Page(first),
        begun: false,
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static(disposition),
        ),
    ];
    let parts = stream::try_unfold(export, Export::next);
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// What is left of a file on its way.
struct Export {
    app: Arc<App>,
    user: UserId,
    query: LogQuery,
    writer: Writer,
    next: Next,
    begun: bool,
}

enum Next {
    Page(CallLogPage),
    Before(CallId),
    Nothing,
}

impl Export {
    /// The next part of the file, of one page.
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        let page = match mem::replace(&mut self.next, Next::Nothing) {
            Next::Nothing => return Ok(None),
            Next::Page(page) => page,
            Next::Before(id) => {
                self.query.before = Some(id);
                let page = self.app.store.call_log(self.user, &self.query).await;
                page.map_err(io::Error::other)?
            }
        };
        if let Some(before) = page.next {
            self.next = Next::Before(before);
        }
        let is_last = page.next.is_none();
        let part = match &self.writer {
            Writer::Json => json(&page.calls, &mut self.begun, is_last)?,
            Writer::Csv(names) => csv(&page.calls, names, self.user, &mut self.begun)?,
        };
        Ok(Some((part.into(), self)))
    }
}

enum Writer {
    Json,
    Csv(Box<Names>),
}

fn json(calls: &[CallLogEntry], begun: &mut bool, is_last: bool) -> io::Result<Vec<u8>> {
    let mut part = Vec::new();
    if !*begun {
        part.push(b'[');
    }
    for (index, call) in calls.iter().enumerate() {
        part.extend(if *begun || index > 0 {
            &b",\n"[..]
        } else {
            b"\n"
        });
        serde_json::to_writer(&mut part, call)?;
    }
    *begun |= !calls.is_empty();
    if is_last {
        part.extend(b"\n]\n");
    }
    Ok(part)
}

/// One line of the table; the names of the fields are its head.
#[derive(Debug, Serialize)]
struct Line {
    call: CallId,
    started_at: String,
    answered_at: Option<String>,
    ended_at: Option<String>,
    /// From the answer to the end.
    duration_s: Option<u64>,
    conversation: String,
    direction: &'static str,
    outcome: CallOutcome,
    media: CallMedia,
    end_reason: Option<EndReason>,
    started_by: String,
    people: String,
    messages: u32,
}

fn csv(
    calls: &[CallLogEntry],
    names: &Names,
    user: UserId,
    begun: &mut bool,
) -> io::Result<Vec<u8>> {
    let mut part = Vec::new();
    if !*begun {
        // Spreadsheets take a file without it for one of their own country's encoding.
        part.extend("\u{feff}".as_bytes());
    }
    let mut writer = csv::WriterBuilder::new()
        .has_headers(!*begun)
        .from_writer(part);
    *begun = true;
    for entry in calls {
        writer.serialize(names.line(entry, user)?)?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}

/// Who and what ids are called, for people to read.
struct Names {
    users: HashMap<UserId, String>,
    conversations: HashMap<ConversationId, Conversation>,
}

impl Names {
    async fn load(app: &App, user: UserId) -> Result<Self, ApiError> {
        let users = app.store.users().await?;
        let mine = app.store.my_conversations(user).await?;
        Ok(Self {
            users: users.into_iter().map(|one| (one.id, one.name)).collect(),
            conversations: mine
                .into_iter()
                .map(|one| (one.conversation.id, one.conversation))
                .collect(),
        })
    }

    fn line(&self, entry: &CallLogEntry, user: UserId) -> io::Result<Line> {
        let call = &entry.call;
        let ended_at = call.ended_at;
        let talked = call.answered_at.zip(ended_at);
        let iso = |at: Option<Timestamp>| at.map(iso).transpose();
        Ok(Line {
            call: call.id,
            started_at: self::iso(call.started_at)?,
            answered_at: iso(call.answered_at)?,
            ended_at: iso(ended_at)?,
            duration_s: talked.map(|(from, to)| to.since(from).as_secs()),
            conversation: self.title(call.conversation_id, user),
            direction: if call.started_by == user {
                "outgoing"
            } else {
                "incoming"
            },
            outcome: entry.outcome,
            media: call.media,
            end_reason: call.end_reason,
            started_by: harmless(self.user(call.started_by)),
            people: self.people(call.people.iter()),
            messages: call.message_count,
        })
    }

    fn user(&self, id: UserId) -> &str {
        self.users.get(&id).map_or("", String::as_str)
    }

    fn people<'a>(&self, ids: impl Iterator<Item = &'a UserId>) -> String {
        let names: Vec<_> = ids.map(|id| self.user(*id)).collect();
        harmless(&names.join(", "))
    }

    /// Empty for one the person has left.
    fn title(&self, id: ConversationId, user: UserId) -> String {
        let Some(conversation) = self.conversations.get(&id) else {
            return String::new();
        };
        match (&conversation.name, conversation.kind) {
            (Some(name), ConversationKind::Channel) => format!("#{name}"),
            (Some(name), ConversationKind::Group | ConversationKind::Direct) => harmless(name),
            (None, _) => self.people(conversation.members.iter().filter(|one| **one != user)),
        }
    }
}

/// RFC 3339, in UTC.
fn iso(at: Timestamp) -> io::Result<String> {
    let nanos = i128::from(at.as_millis()) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .map_err(io::Error::other)?
        .format(&Rfc3339)
        .map_err(io::Error::other)
}

/// A spreadsheet runs what begins like a formula, and people choose their names.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use protocol::Timestamp;

    use super::{harmless, iso};

    #[test]
    fn a_name_is_no_formula() {
        assert_eq!(harmless("=1+2"), "'=1+2");
        assert_eq!(harmless("@cmd"), "'@cmd");
        assert_eq!(harmless("Ana Kova\u{10d}"), "Ana Kova\u{10d}");
        assert_eq!(harmless(""), "");
    }

    #[test]
    fn times_are_of_rfc_3339() {
        let at = Timestamp::from_millis(1_795_440_000_250);
        assert_eq!(iso(at).unwrap(), "2026-11-23T13:20:00.25Z");
    }
}
