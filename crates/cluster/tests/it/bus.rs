//! Run for each kind of bus.

use std::sync::{Arc, Mutex};

use cluster::{Audience, Bus, Notice, Weight};
use protocol::UserId;

fn push(number: u8) -> Notice {
    Notice::Push {
        audience: Audience::Users(vec![UserId::from_bytes([number; 16])]),
        weight: Weight::Durable,
        message: vec![number].into(),
    }
}

fn number(notice: &Notice) -> u8 {
    match notice {
        Notice::Push { message, .. } => message[0],
        Notice::MembersAdded { .. } | Notice::MemberRemoved { .. } | Notice::SignedOut { .. } => 0,
    }
}

fn every_kind() -> [Bus; 1] {
    [Bus::local()]
}

#[test]
fn notices_of_one_publisher_arrive_in_their_order() {
    for bus in every_kind() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&heard);
        bus.subscribe(move |notice| into.lock().unwrap().push(number(&notice)));
        for one in 0..100 {
            bus.publish(push(one));
        }
        assert_eq!(*heard.lock().unwrap(), (0..100).collect::<Vec<_>>());
    }
}

#[test]
fn notices_of_several_publishers_all_arrive() {
    for bus in every_kind() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&heard);
        bus.subscribe(move |notice| into.lock().unwrap().push(number(&notice)));
        std::thread::scope(|scope| {
            for publisher in 0..4 {
                let bus = &bus;
                scope.spawn(move || {
                    (0..50).for_each(|one| bus.publish(push(publisher * 50 + one)));
                });
            }
        });
        let mut heard = heard.lock().unwrap().clone();
        let mut last = [None; 4];
        for one in &heard {
            let before = last[usize::from(one / 50)].replace(*one);
            assert!(before < Some(*one));
        }
        heard.sort_unstable();
        assert_eq!(heard, (0..200).collect::<Vec<_>>());
    }
}

#[test]
fn what_is_published_before_anybody_listens_is_lost() {
    for bus in every_kind() {
        bus.publish(push(1));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&heard);
        bus.subscribe(move |notice| into.lock().unwrap().push(number(&notice)));
        bus.publish(push(2));
        assert_eq!(*heard.lock().unwrap(), [2]);
    }
}
