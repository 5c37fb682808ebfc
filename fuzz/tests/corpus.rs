//! Replays the committed corpora, so that what was found once is never found again.

use std::{fs, path::Path};

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let files = fs::read_dir(&folder).expect("every target has a corpus");
    let mut replayed = 0;
    for file in files.map(|entry| entry.expect("the folder can be read").path()) {
        println!("{}", file.display());
        body(&fs::read(file).expect("a corpus has files only"));
        replayed += 1;
    }
    assert!(replayed > 0, "{} is empty", folder.display());
}

#[test]
fn no_client_message_breaks_the_reader() {
    replay("client_message", fuzz::client_message);
}

#[test]
fn no_offer_breaks_the_media_core() {
    replay("sdp", fuzz::sdp);
}

#[test]
fn no_life_of_a_call_breaks_its_rules() {
    replay("call", fuzz::call);
}

#[test]
fn no_datagrams_break_the_media_port() {
    replay("datagrams", fuzz::datagrams);
}
