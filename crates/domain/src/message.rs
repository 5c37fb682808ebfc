//! What a message may hold, and whom it mentions.
//!
//! A mention is `<@usr_…>` in the text. Inside code it is text.

#[cfg(test)]
mod tests;

use protocol::{
    UserId,
    limits::{MENTIONS_MAX, MESSAGE_CHARS_MAX, NONCE_CHARS_MAX},
};

use crate::text::{TextError, within};

/// The Markdown of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageText(String);

impl MessageText {
    /// Takes space off the end and empty lines off the beginning; a first line's indent is code.
    pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into().replace("\r\n", "\n");
        let text = text.trim_end();
        let from = text
            .find(|c: char| !c.is_whitespace())
            .ok_or(TextError::Empty)?;
        let text = &text[text[..from].rfind('\n').map_or(0, |newline| newline + 1)..];
        if text
            .chars()
            .any(|c| c.is_control() && c != '\n' && c != '\t')
        {
            return Err(TextError::Unprintable);
        }
        within(text, MESSAGE_CHARS_MAX)?;
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// What a client calls its message before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a nonce is 1 to {NONCE_CHARS_MAX} printable ASCII characters")]
pub struct NonceError;

impl Nonce {
    pub fn parse(nonce: impl Into<String>) -> Result<Self, NonceError> {
        let nonce = nonce.into();
        let sound = (1..=NONCE_CHARS_MAX).contains(&nonce.len())
            && nonce.bytes().all(|byte| byte.is_ascii_graphic());
        if sound {
            Ok(Self(nonce))
        } else {
            Err(NonceError)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// Whom a text mentions, each once, in order, at most [`MENTIONS_MAX`]. Whether they can see it is
/// for the caller to say.
pub fn mentions(text: &MessageText) -> Vec<UserId> {
    let mut found = Vec::new();
    let mut fence = None;
    for line in text.as_str().lines() {
        match (fence, fence_of(line)) {
            (None, Some(opening)) => fence = Some(opening),
            (Some(opening), Some(closing)) if closing == opening => fence = None,
            (Some(_), _) => {}
            (None, None) => mentions_of_line(line, &mut found),
        }
        if found.len() >= MENTIONS_MAX {
            break;
        }
    }
    found
}

/// The character of a code fence, where a line is one.
fn fence_of(line: &str) -> Option<char> {
    let line = line.trim_start();
    ['`', '~']
        .into_iter()
        .find(|mark| line.chars().take_while(|c| c == mark).count() >= 3)
}

fn mentions_of_line(line: &str, found: &mut Vec<UserId>) {
    let mut rest = line;
    while let Some(start) = rest.find(['`', '<']) {
        rest = &rest[start..];
        if rest.starts_with('`') {
            rest = after_code(rest);
            continue;
        }
        if let Some(user) = mention_at(rest)
            && !found.contains(&user)
            && found.len() < MENTIONS_MAX
        {
            found.push(user);
        }
        rest = &rest[1..];
    }
}

/// What follows the code span that begins here; without an end it is none.
fn after_code(text: &str) -> &str {
    let ticks = text.bytes().take_while(|byte| *byte == b'`').count();
    let mut rest = &text[ticks..];
    while let Some(start) = rest.find('`') {
        rest = &rest[start..];
        let run = rest.bytes().take_while(|byte| *byte == b'`').count();
        rest = &rest[run..];
        if run == ticks {
            return rest;
        }
    }
    &text[ticks..]
}

fn mention_at(text: &str) -> Option<UserId> {
    let (id, _) = text.strip_prefix("<@")?.split_once('>')?;
    id.parse().ok()
}
