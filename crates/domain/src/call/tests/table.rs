//! The tables of `docs/calls.md` say what the rules do: every cell is tried and compared.
//! `UPDATE=1` writes them anew.

use std::{env, fmt::Write, fs, path::PathBuf};

use protocol::{
    ErrorCode,
    call::{HostAct, MediaMode},
};

use super::*;

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/calls.md")
}

/// The first line of a table on the page.
fn heading(table: Table) -> String {
    format!("| {} | {} |", name(table), table.states().join(" | "))
}

fn name(table: Table) -> &'static str {
    match table {
        Table::Room => "a room's call is",
        Table::Direct => "a direct call is",
        Table::Participant => "the participant is",
        Table::Ring => "the person's ring is",
    }
}

fn written(table: Table) -> String {
    let mut text = heading(table);
    let rule = "|---".repeat(table.states().len() + 1);
    let _ = write!(text, "\n{rule}|\n");
    for input in table.inputs() {
        let _ = write!(text, "| {input} |");
        for state in table.states() {
            let cell = Cell {
                table,
                input,
                state,
            };
            let _ = write!(text, " {} |", tried(cell));
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_page_says_of_every_state_and_input_what_happens() {
    let mut document = fs::read_to_string(page()).unwrap();
    for table in Table::ALL {
        let expected = written(table);
        let start = document
            .find(&format!("| {} |", name(table)))
            .unwrap_or_else(|| panic!("docs/calls.md has no table of \"{}\"", name(table)));
        let end = document[start..]
            .find("\n\n")
            .map_or(document.len(), |at| start + at + 1);
        if env::var("UPDATE").is_ok() {
            document.replace_range(start..end, &expected);
        } else {
            assert_eq!(document[start..end], expected);
        }
    }
    if env::var("UPDATE").is_ok() {
        fs::write(page(), document).unwrap();
    }
}

/// What one cell comes to, in the page's words.
fn tried(cell: Cell) -> String {
    let (mut call, input, mut subject) = scene(cell);
    let read = |call: &TestCall, subject| {
        let call = Call::from_record(call.record.clone());
        match subject {
            Subject::Call => call.call_state_name(),
            Subject::Peer(peer_id) => call.participant_state_name(peer_id),
            Subject::Person(seat) => call.ring_state_name(seat.user()),
        }
    };
    call.outputs.clear();
    assert_eq!(read(&call, subject), cell.state, "{cell:?} is set up");
    let met = Call::from_record(call.record.clone()).cells(&input);
    assert_eq!(met.contains(&cell), cell.can_be(), "{cell:?} is met");
    if !cell.can_be() {
        return "·".to_owned();
    }
    // Whoever comes back goes on under a new id.
    if let Input::Join(join) = &input
        && cell.input == "join again"
    {
        subject = Subject::Peer(join.peer_id);
    }
    let before = call.record.clone();
    let result = if let Input::Timeout = input {
        // The first thing that is due and changes what the call is.
        while let Some(due) = call.record.due
            && read(&call, subject) == cell.state
        {
            call.wait(due.since(call.now));
        }
        Ok(())
    } else {
        call.give(input)
    };
    let after = read(&call, subject);
    match result {
        Err(error) => format!("`{}`", snake(error.code())),
        Ok(()) if after != cell.state => after.to_owned(),
        Ok(()) if call.record != before => "✓".to_owned(),
        Ok(()) if call.outputs.is_empty() => "–".to_owned(),
        Ok(()) => "told".to_owned(),
    }
}

/// The code as it is on the wire.
fn snake(code: ErrorCode) -> String {
    let mut text = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

#[derive(Clone, Copy)]
enum Subject {
    Call,
    Peer(PeerId),
    Person(Seat),
}

fn scene(cell: Cell) -> (TestCall, Input, Subject) {
    match cell.table {
        Table::Room => {
            let call = room_in(cell.state, cell.input);
            let input = call_input(&call, cell.input);
            (call, input, Subject::Call)
        }
        Table::Direct => {
            let call = direct_in(cell.state);
            let input = direct_input(&call, cell.input);
            (call, input, Subject::Call)
        }
        Table::Participant => {
            let call = participant_in(cell.state, cell.input);
            let peer_id = match cell.state {
                "never in" => peer(99),
                _ => peer(2),
            };
            let input = participant_input(&call, peer_id, cell.input);
            (call, input, Subject::Peer(peer_id))
        }
        Table::Ring => (
            ring_in(cell.state),
            ring_input(cell.input),
            Subject::Person(BOB),
        ),
    }
}

fn host(call: &mut TestCall, act: HostAct) {
    let by = ALICE.user();
    call.give(Input::Host { by, act }).unwrap();
}

fn target(seat: Seat, devices: &[Seat], reach: Reach) -> RingTarget {
    RingTarget {
        user_id: seat.user(),
        devices: devices.iter().map(|seat| seat.device()).collect(),
        reach,
        muted: false,
    }
}

/// Alice's call in a group.
fn room_in(state: &str, input: &str) -> TestCall {
    let removal = input == "join after removal";
    let mut ring = Vec::new();
    if removal {
        ring.push(target(CARA, &[CARA], Reach::Free));
    }
    if state == "ringing" {
        ring.push(target(BOB, &[BOB], Reach::Free));
    }
    let mut call = TestCall::start(start_input(ConversationKind::Group, 3, ring));
    if removal {
        let user_id = CARA.user();
        host(&mut call, HostAct::Remove { user_id });
    }
    if state == "talking" {
        call.join(BOB, "tab");
    }
    if input == "join while locked" || input == "host: unlock" {
        host(&mut call, HostAct::Lock);
    }
    match state {
        "empty" => call.leave(peer(1)),
        "ended" => call.give(Input::EndForAll).unwrap(),
        _ => {}
    }
    call
}

/// Alice's call with Bob.
fn direct_in(state: &str) -> TestCall {
    let mut call = match state {
        "ringing" => TestCall::ringing([BOB]),
        "talking" => TestCall::talking(),
        _ => TestCall::start(start_input(ConversationKind::Direct, 2, Vec::new())),
    };
    if state == "ended" {
        call.give(Input::EndForAll).unwrap();
    }
    call
}

fn direct_input(call: &TestCall, input: &str) -> Input {
    let fresh = peer(call.peers + 1);
    match input {
        "join" => Input::Join(join_input(BOB, "tab", fresh)),
        "the caller leaves" => Input::Leave { peer_id: peer(1) },
        "the other leaves" => Input::Leave { peer_id: peer(2) },
        "the other declines" => Input::RingDeclined {
            user_id: BOB.user(),
            device_id: BOB.device(),
        },
        "host" => Input::Host {
            by: ALICE.user(),
            act: HostAct::Lock,
        },
        other => call_input(call, other),
    }
}

fn call_input(call: &TestCall, input: &str) -> Input {
    let by = ALICE.user();
    match input {
        "join with a second device" => {
            Input::Join(join_input(ALICE_PHONE, "phone", peer(call.peers + 1)))
        }
        "join to move here" => Input::Join(JoinInput {
            move_here: true,
            ..join_input(ALICE_PHONE, "phone", peer(call.peers + 1))
        }),
        "ring more people" => Input::Ring {
            by,
            targets: vec![target(CARA, &[CARA], Reach::Free)],
            timeout: RING_TIMEOUT,
        },
        "go on in a group" => Input::GoOnIn {
            by,
            conversation_id: ConversationId::from_bytes([9; 16]),
        },
        "prepare" => prepare(BOB, "tab", peer(call.peers + 1)),
        "join" | "join while locked" | "join after removal" => {
            Input::Join(join_input(CARA, "tab", peer(call.peers + 1)))
        }
        "end for all" => Input::EndForAll,
        "host: mute others" => Input::Host {
            by,
            act: HostAct::MuteOthers,
        },
        "host: let in" => Input::Host {
            by,
            act: HostAct::LetIn {
                user_id: CARA.user(),
            },
        },
        "host: lock" => Input::Host {
            by,
            act: HostAct::Lock,
        },
        "host: unlock" => Input::Host {
            by,
            act: HostAct::Unlock,
        },
        "move to direct" => Input::MoveTo(MediaMode::Direct),
        "move to forwarded" => Input::MoveTo(MediaMode::Forwarded),
        "restarted" => Input::Restarted,
        "due" => Input::Timeout,
        other => panic!("no input {other}"),
    }
}

/// Alice's and Cara's call in a group, with Bob as peer 2.
fn participant_in(state: &str, input: &str) -> TestCall {
    let mut call = TestCall::room();
    let bob = peer(2);
    match state {
        "never in" => {
            call.peers = 2;
        }
        _ => {
            call.join(BOB, "tab");
            // Something of Bob's can be turned off.
            let change = ParticipantChange {
                screen: Some(true),
                hand: Some(true),
                ..ParticipantChange::default()
            };
            let peer_id = bob;
            call.give(Input::Change { peer_id, change }).unwrap();
        }
    }
    call.join(CARA, "tab");
    match state {
        "connected" => call.media(bob, true),
        "reconnecting" => call.socket_lost(bob),
        "closing" => call.give(Input::PageClosing { peer_id: bob }).unwrap(),
        "left" => call.leave(bob),
        "call ended" => call.give(Input::EndForAll).unwrap(),
        _ => {}
    }
    // Evidence of now is news.
    let pause = match input {
        "evidence" => seconds(1),
        _ => Duration::ZERO,
    };
    call.wait(pause);
    call
}

fn participant_input(call: &TestCall, peer_id: PeerId, input: &str) -> Input {
    let by = ALICE.user();
    let epoch = call.record.session.epoch;
    let fresh = peer(call.peers + 1);
    match input {
        "join again" => Input::Join(join_input(BOB, "tab", fresh)),
        "join from another tab" => Input::Join(join_input(BOB, "other tab", fresh)),
        "leave" => Input::Leave { peer_id },
        "stay" => Input::Stay { peer_id },
        "change" => Input::Change {
            peer_id,
            change: ParticipantChange {
                camera: Some(true),
                ..ParticipantChange::default()
            },
        },
        "media state" => Input::MediaState {
            peer_id,
            epoch,
            connected: true,
        },
        "media state of an old epoch" => Input::MediaState {
            peer_id,
            epoch: epoch - 1,
            connected: true,
        },
        "socket lost" => Input::SocketLost {
            peer_id,
            evidence_at: call.now,
        },
        "socket back" => Input::SocketBack { peer_id },
        "evidence" => Input::Evidence {
            peer_id,
            at: call.now,
        },
        "page closing" => Input::PageClosing { peer_id },
        "host: mute" => Input::Host {
            by,
            act: HostAct::Mute { peer_id },
        },
        "host: stop screen" => Input::Host {
            by,
            act: HostAct::StopScreen { peer_id },
        },
        "host: lower hand" => Input::Host {
            by,
            act: HostAct::LowerHand { peer_id },
        },
        "host: remove" => Input::Host {
            by,
            act: HostAct::Remove {
                user_id: BOB.user(),
            },
        },
        "signed out" => Input::Remove {
            user_id: BOB.user(),
            device_id: Some(BOB.device()),
        },
        other => panic!("no input {other}"),
    }
}

/// Alice's call in a group, and how far Bob's ring is. Cara is in it, so that it goes on.
fn ring_in(state: &str) -> TestCall {
    let ring = match state {
        "not rung" => Vec::new(),
        "offline" => vec![target(BOB, &[], Reach::Free)],
        "busy" => vec![target(BOB, &[BOB], Reach::Busy)],
        "off_hours" => vec![target(BOB, &[BOB], Reach::OffHours)],
        "quiet" => vec![target(BOB, &[BOB], Reach::Quiet)],
        "muted" => vec![RingTarget {
            muted: true,
            ..target(BOB, &[BOB], Reach::Free)
        }],
        "do_not_disturb" => vec![target(BOB, &[BOB], Reach::DoNotDisturb)],
        _ => vec![target(BOB, &[BOB, BOB_PHONE], Reach::Free)],
    };
    let mut call = TestCall::start(start_input(ConversationKind::Group, 3, ring));
    call.join(CARA, "tab");
    match state {
        "notified" => call.wait(seconds(3)),
        "ringing" => call.acknowledge(BOB),
        "answered" => {
            let bob = call.join(BOB, "tab");
            call.leave(bob);
        }
        "declined" => call.decline(BOB_PHONE),
        "no_answer" => call.wait(RING_TIMEOUT),
        "call ended" => call.give(Input::EndForAll).unwrap(),
        _ => {}
    }
    call
}

fn ring_input(input: &str) -> Input {
    let user_id = BOB.user();
    let device_id = BOB.device();
    match input {
        "join" => Input::Join(join_input(BOB, "tab", peer(50))),
        "acknowledge" => Input::RingAcknowledged { user_id, device_id },
        "decline" => Input::RingDeclined { user_id, device_id },
        "device connected" => Input::DeviceConnected { user_id, device_id },
        "stop ringing" => Input::StopRinging {
            by: ALICE.user(),
            user_id,
        },
        "host: remove" => Input::Host {
            by: ALICE.user(),
            act: HostAct::Remove { user_id },
        },
        "no member any more" => Input::Remove {
            user_id,
            device_id: None,
        },
        other => panic!("no input {other}"),
    }
}
