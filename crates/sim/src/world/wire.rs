//! What the server and the devices do with what they hear.

use super::*;

impl World {
    pub(super) fn server_hears(&mut self, socket: u64, message: ToServer) {
        let now = self.now;
        let Some(known) = self.server.sockets.get_mut(&socket) else {
            return;
        };
        known.heard_at = now;
        let (user_id, device_id) = (known.user_id, known.device_id);
        let member = self.server.members.contains(&user_id);
        let mut claimed = Vec::new();
        if let ToServer::Change(call_id, peer_id, _)
        | ToServer::Media(call_id, peer_id, ..)
        | ToServer::Stay(call_id, peer_id) = &message
        {
            claimed = self.server.claim(socket, *call_id, *peer_id, now);
        }
        self.announce(claimed);
        let outputs = match message {
            ToServer::Pong => Vec::new(),
            ToServer::Hello => {
                let live = self.server.live.clone().filter(|_| member);
                let live = live.map(Call::from_record);
                let ring = live.as_ref().and_then(|call| call.ring_for(user_id));
                let call = live.map(|call| call.state());
                self.push(
                    socket,
                    ToDevice::Snapshot {
                        time: now,
                        call,
                        ring,
                    },
                );
                self.server.opened(socket, now)
            }
            ToServer::Call if !member => Vec::new(),
            ToServer::Call => self.joined(socket, None),
            ToServer::Join(call_id, move_here) => self.joined(socket, Some((call_id, move_here))),
            ToServer::Get(call_id) => {
                let live = self.server.live.clone().filter(|live| live.id == call_id);
                if let Some(live) = live {
                    let call = Call::from_record(live).state();
                    self.push(socket, ToDevice::Got(call));
                }
                Vec::new()
            }
            ToServer::Leave(call_id, peer_id) => self.hand_in(call_id, Input::Leave { peer_id }),
            ToServer::EndForAll(call_id) => self.hand_in(call_id, Input::EndForAll),
            ToServer::Change(call_id, peer_id, change) => {
                self.hand_in(call_id, Input::Change { peer_id, change })
            }
            ToServer::Host(call_id, act) => self.hand_in(call_id, Input::Host { by: user_id, act }),
            ToServer::Add(call_id, user) => {
                let before = self.server.members.len();
                let told = self.server.add(call_id, user_id, user, now);
                if self.server.members.len() > before {
                    self.show_live(user);
                }
                told
            }
            ToServer::StopRinging(call_id, user) => {
                let input = Input::StopRinging {
                    by: user_id,
                    user_id: user,
                };
                self.hand_in(call_id, input)
            }
            ToServer::Stay(call_id, peer_id) => self.hand_in(call_id, Input::Stay { peer_id }),
            ToServer::SignOut => {
                let call_id = self.server.live.as_ref().map(|live| live.id);
                let input = Input::Remove {
                    user_id,
                    device_id: Some(device_id),
                };
                call_id.map_or_else(Vec::new, |call_id| self.hand_in(call_id, input))
            }
            ToServer::Media(call_id, peer_id, epoch, connected) => {
                let input = Input::MediaState {
                    peer_id,
                    epoch,
                    connected,
                };
                self.hand_in(call_id, input)
            }
            ToServer::Acknowledge(call_id) => {
                self.hand_in(call_id, Input::RingAcknowledged { user_id, device_id })
            }
            ToServer::Prepare(call_id) => self.server.prepare(socket, call_id, now),
            ToServer::Decline(call_id) => {
                self.hand_in(call_id, Input::RingDeclined { user_id, device_id })
            }
        };
        self.announce(outputs);
    }

    /// Somebody is new to the conversation and sees its call.
    pub(super) fn show_live(&mut self, user: UserId) {
        let Some(live) = self.server.live.clone() else {
            return;
        };
        let call = Call::from_record(live).state();
        let sockets = self.server.sockets.iter();
        let theirs = sockets.filter(|(_, socket)| socket.user_id == user);
        for socket in theirs.map(|(id, _)| *id).collect::<Vec<_>>() {
            let whole = Change::Call(call.clone());
            self.push(socket, ToDevice::Changed(whole));
        }
    }

    pub(super) fn hand_in(&mut self, call_id: CallId, input: Input) -> Told {
        self.server.hand_in(call_id, input, self.now).1
    }

    pub(super) fn media_up(&mut self, number: usize, call_id: CallId, peer_id: PeerId) {
        if let Some(call) = &self.devices[number].call {
            let epoch = call.session.epoch;
            self.send(number, ToServer::Media(call_id, peer_id, epoch, true));
        }
    }

    /// Has the server take somebody in and tells them so.
    pub(super) fn joined(&mut self, socket: u64, call_id: Option<(CallId, bool)>) -> Told {
        let (joined, outputs) = match call_id {
            None => self.server.call(socket, self.now),
            Some((call_id, move_here)) => self.server.join(socket, call_id, move_here, self.now),
        };
        if let Ok(peer_id) = joined
            && let Some(live) = self.server.live.clone()
        {
            let call = Call::from_record(live).state();
            self.push(socket, ToDevice::Joined { peer_id, call });
        }
        outputs
    }

    pub(super) fn announce(&mut self, told: Told) {
        let everybody = |world: &mut Self, message: &ToDevice| {
            let members = &world.server.members;
            let sockets = world.server.sockets.iter();
            let sockets = sockets.filter(|(_, socket)| members.contains(&socket.user_id));
            let sockets: Vec<u64> = sockets.map(|(id, _)| *id).collect();
            for socket in sockets {
                world.push(socket, message.clone());
            }
        };
        for (call_id, output) in told {
            match output {
                Output::Ring {
                    user_id: _,
                    device_id,
                    ring,
                } => {
                    self.push_to(device_id, &ToDevice::Ring(ring));
                }
                Output::RingStopped {
                    user_id: _,
                    device_id,
                    reason: _,
                } => {
                    self.push_to(device_id, &ToDevice::RingStopped(call_id));
                }
                Output::Tell(change) => everybody(self, &ToDevice::Changed(change)),
                Output::Detached {
                    device_id, peer_id, ..
                } => {
                    self.push_to(device_id, &ToDevice::Detached(peer_id));
                }
                Output::Ended { .. } => {
                    everybody(self, &ToDevice::Ended(call_id));
                }
                Output::Hosted { .. }
                | Output::OpenRoom { .. }
                | Output::RemovePeer { .. }
                | Output::SetMuted { .. }
                | Output::CloseRoom => {}
            }
        }
    }

    pub(super) fn push_to(&mut self, device_id: DeviceId, message: &ToDevice) {
        let sockets = self.server.sockets.iter();
        let of_device = sockets.filter(|(_, socket)| socket.device_id == device_id);
        let sockets: Vec<u64> = of_device.map(|(id, _)| *id).collect();
        for socket in sockets {
            self.push(socket, message.clone());
        }
    }

    pub(super) fn device_hears(&mut self, number: usize, message: ToDevice) {
        let now = self.now;
        let device = &mut self.devices[number];
        match message {
            ToDevice::Ping(time) => {
                device.correct(now, time);
                self.send(number, ToServer::Pong);
            }
            ToDevice::Snapshot { time, call, ring } => {
                device.correct(now, time);
                device.greeted = device.socket;
                device.ringing = ring;
                let still_in = call.as_ref().is_some_and(|call| {
                    device.peer.is_some_and(|(call_id, peer_id)| {
                        call.id == call_id
                            && call
                                .participants
                                .iter()
                                .any(|other| other.peer_id == peer_id)
                    })
                });
                let was_in = device.peer.take();
                let fresh = device.fresh;
                device.call = call;
                if let Some((call_id, peer_id)) = was_in.filter(|_| still_in) {
                    if fresh {
                        // A page that was loaded again has new media and joins as who it was.
                        self.send(number, ToServer::Join(call_id, false));
                    } else {
                        device.peer = was_in;
                        device.obey();
                        self.media_up(number, call_id, peer_id);
                    }
                } else if let Some(ring) = device.ringing.clone() {
                    self.acknowledge(number, ring.call_id);
                }
            }
            ToDevice::Joined { peer_id, call } => {
                device.peer = Some((call.id, peer_id));
                device.fresh = false;
                let call_id = call.id;
                device.call = Some(call);
                device.ringing = None;
                device.obey();
                self.media_up(number, call_id, peer_id);
            }
            ToDevice::Got(call) => {
                let held = device.call.as_ref();
                if held.is_some_and(|held| held.id == call.id && held.version < call.version) {
                    device.call = Some(call);
                    device.obey();
                }
            }
            ToDevice::Changed(change) => {
                if device.call.is_none()
                    && let Change::Call(call) = &change
                {
                    device.call = Some(call.clone());
                }
                let call_id = device.call.as_ref().map(|call| call.id);
                let epoch = device.call.as_ref().map(|call| call.session.epoch);
                let behind = device.change(change);
                device.obey();
                let moved = device.call.as_ref().map(|call| call.session.epoch) != epoch;
                let own = device.peer;
                if behind && let Some(call_id) = call_id {
                    self.send(number, ToServer::Get(call_id));
                }
                if moved && let Some((call_id, peer_id)) = own {
                    self.media_up(number, call_id, peer_id);
                }
            }
            ToDevice::Ended(call_id) => {
                if device.call.as_ref().is_some_and(|call| call.id == call_id) {
                    device.call = None;
                }
                if device.peer.is_some_and(|(own, _)| own == call_id) {
                    device.peer = None;
                }
                if device
                    .ringing
                    .as_ref()
                    .is_some_and(|ring| ring.call_id == call_id)
                {
                    device.ringing = None;
                }
            }
            ToDevice::Ring(ring) => {
                let call_id = ring.call_id;
                if device.peer.is_none() && ring.expires_at > device.server_time(now) {
                    device.ringing = Some(ring);
                    self.acknowledge(number, call_id);
                }
            }
            ToDevice::RingStopped(call_id) => {
                if device
                    .ringing
                    .as_ref()
                    .is_some_and(|ring| ring.call_id == call_id)
                {
                    device.ringing = None;
                }
            }
            ToDevice::Detached(peer_id) => {
                if device.peer.is_some_and(|(_, own)| own == peer_id) {
                    device.peer = None;
                }
            }
        }
    }
}
