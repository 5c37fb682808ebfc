use protocol::{
    limits::{CANDIDATE_BYTES_MAX, SDP_BYTES_MAX},
    media::{DirectSignal, Direction},
};

use super::*;

fn signal(joined: &Joined, to: PeerId, epoch: u32, signal: DirectSignal) -> ClientMessage {
    ClientMessage::CallSignal {
        call_id: joined.call.id,
        peer_id: joined.peer_id,
        to,
        epoch,
        signal,
    }
}

fn offer_signal(bytes: usize) -> DirectSignal {
    DirectSignal::Offer {
        sdp: "x".repeat(bytes),
    }
}

fn candidate(bytes: usize) -> DirectSignal {
    DirectSignal::Candidate {
        candidate: "x".repeat(bytes),
        sdp_mid: None,
        sdp_m_line_index: Some(0),
    }
}

fn offer(joined: &Joined, epoch: u32, sdp: &str) -> ClientMessage {
    ClientMessage::MediaOffer {
        call_id: joined.call.id,
        peer_id: joined.peer_id,
        epoch,
        direction: Direction::Up,
        session: 1,
        sdp: sdp.to_owned(),
    }
}

#[tokio::test]
async fn a_signal_reaches_the_other_browser_as_it_was_sent() {
    let Talk {
        pair: _pair,
        mut alice,
        mut bob,
        caller,
        callee,
    } = talking().await;
    for sent in [offer_signal(SDP_BYTES_MAX), candidate(CANDIDATE_BYTES_MAX)] {
        done(&mut bob, signal(&callee, caller.peer_id, 1, sent.clone())).await;
        let came = alice
            .see("signal", |message| match message {
                ServerMessage::CallSignal {
                    from,
                    epoch,
                    signal,
                    ..
                } => Some((*from, *epoch, signal.clone())),
                _ => None,
            })
            .await;
        assert_eq!(came, (callee.peer_id, 1, sent));
    }
}

#[tokio::test]
async fn a_signal_to_elsewhere_or_too_long_is_refused() {
    let Talk {
        pair: _pair,
        alice: _alice,
        mut bob,
        caller,
        callee,
    } = talking().await;
    let to = caller.peer_id;
    let nobody = PeerId::from_bytes([9; 16]);
    let short = candidate(10);
    let refusals = [
        (signal(&callee, to, 2, short.clone()), ErrorCode::StaleEpoch),
        (
            signal(&callee, nobody, 1, short.clone()),
            ErrorCode::NotInCall,
        ),
        (
            signal(&callee, callee.peer_id, 1, short.clone()),
            ErrorCode::NotInCall,
        ),
        // Bob speaks as Alice.
        (
            signal(&caller, callee.peer_id, 1, short),
            ErrorCode::NotInCall,
        ),
        (
            signal(&callee, to, 1, offer_signal(SDP_BYTES_MAX + 1)),
            ErrorCode::TooLarge,
        ),
        (
            signal(&callee, to, 1, candidate(CANDIDATE_BYTES_MAX + 1)),
            ErrorCode::TooLarge,
        ),
        // A direct call has no media node to offer to.
        (offer(&callee, 1, "v=0"), ErrorCode::Conflict),
    ];
    for (message, code) in refusals {
        assert_eq!(refused(&mut bob, message).await, code);
    }
}

#[tokio::test]
async fn an_offer_nobody_can_answer_is_refused() {
    let (_world, alice) = World::new().await;
    let place = alice.channel("release", "public").await;
    let mut line = alice.connect().await;
    let own = started(&mut line, place).await;
    assert_eq!(
        refused(&mut line, offer(&own, 1, "nonsense")).await,
        ErrorCode::MediaRefused
    );
    assert_eq!(
        refused(&mut line, offer(&own, 2, "v=0")).await,
        ErrorCode::StaleEpoch
    );
    let long = "x".repeat(SDP_BYTES_MAX + 1);
    assert_eq!(
        refused(&mut line, offer(&own, 1, &long)).await,
        ErrorCode::TooLarge
    );
    let alone = signal(&own, own.peer_id, 1, candidate(10));
    assert_eq!(refused(&mut line, alone).await, ErrorCode::Conflict);
}
