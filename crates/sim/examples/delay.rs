//! A slow way between this network namespace and another one, for measurements with real browsers:
//! `delay NAMESPACE MILLISECONDS`. Two interfaces are its ends, 10.77.0.1 here and 10.77.0.2 there;
//! every packet takes that long each way, in order. They are gone when the standard input ends.
//!
//! Kernels have the same as `netem`, but for those of many containers and virtual machines.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "it is a command")]

use std::{
    fs::File,
    io,
    net::Ipv4Addr,
    os::fd::AsFd,
    process::ExitCode,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tun_rs::{DeviceBuilder, SyncDevice};

/// Browsers would rather use others than those that are called like a tunnel.
const NAME: &str = "lag0";
const HERE: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
const THERE: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);
const PREFIX: u8 = 30;
const PACKET_BYTES_MAX: usize = 1500;
/// Packets on their way at once; further ones are dropped, as routers do. At 50 ms this is 240 Mbit/s
/// of full ones.
const UNDERWAY_MAX: usize = 1000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [namespace, milliseconds] = arguments.as_slice() else {
        eprintln!("usage: delay NAMESPACE MILLISECONDS");
        return ExitCode::from(2);
    };
    let Ok(milliseconds) = milliseconds.parse() else {
        eprintln!("MILLISECONDS is a number");
        return ExitCode::from(2);
    };
    match run(namespace, Duration::from_millis(milliseconds)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the delaying link cannot be made: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(namespace: &str, delay: Duration) -> io::Result<()> {
    let here = Arc::new(interface(HERE)?);
    let other = File::open(format!("/run/netns/{namespace}"))?;
    // This thread only: an interface belongs where it was made, whoever uses it later.
    move_into_link_name_space(other.as_fd(), Some(LinkNameSpaceType::Network))?;
    let there = Arc::new(interface(THERE)?);
    carry(&here, &there, delay);
    carry(&there, &here, delay);
    println!("ready");
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

fn interface(address: Ipv4Addr) -> io::Result<SyncDevice> {
    DeviceBuilder::new()
        .name(NAME)
        .ipv4(address, PREFIX, None)
        .build_sync()
}

/// Carries packets one way, until the process ends.
fn carry(from: &Arc<SyncDevice>, to: &Arc<SyncDevice>, delay: Duration) {
    let (from, to) = (Arc::clone(from), Arc::clone(to));
    let (underway, arriving) = mpsc::sync_channel::<(Instant, Vec<u8>)>(UNDERWAY_MAX);
    thread::spawn(move || {
        let mut packet = [0; PACKET_BYTES_MAX];
        while let Ok(length) = from.recv(&mut packet) {
            let due = Instant::now() + delay;
            // Full, or nobody is there any more.
            let _ = underway.try_send((due, packet[..length].to_vec()));
        }
    });
    thread::spawn(move || {
        for (due, packet) in arriving {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            // An interface whose namespace is gone takes nothing.
            let _ = to.send(&packet);
        }
    });
}
