//! What people do, and what a client gone wrong might ask.

use super::*;

impl World {
    pub(super) fn act(&mut self, number: usize, act: Act) {
        let device = &self.devices[number];
        let shown = device.call.as_ref().map(|call| call.id);
        let own = device.peer;
        match act {
            Act::Call if own.is_none() => self.send(number, ToServer::Call),
            Act::Join | Act::MoveHere => {
                let rung = device.ringing.as_ref().map(|ring| ring.call_id);
                if let Some(call_id) = rung.or(shown)
                    && own.is_none()
                {
                    self.devices[number].ringing = None;
                    self.send(number, ToServer::Join(call_id, act == Act::MoveHere));
                }
            }
            Act::Decline => {
                if let Some(ring) = self.devices[number].ringing.take() {
                    self.send(number, ToServer::Decline(ring.call_id));
                }
            }
            Act::Leave => {
                if let Some((call_id, peer_id)) = self.devices[number].peer.take() {
                    self.send(number, ToServer::Leave(call_id, peer_id));
                }
            }
            Act::EndForAll => {
                if let Some((call_id, _)) = own {
                    self.send(number, ToServer::EndForAll(call_id));
                }
            }
            Act::ToggleMicrophone => {
                if let Some((call_id, peer_id)) = own {
                    let on = !self.devices[number].microphone;
                    self.devices[number].microphone = on;
                    let change = ParticipantChange {
                        microphone: Some(on),
                        ..Default::default()
                    };
                    self.send(number, ToServer::Change(call_id, peer_id, change));
                }
            }
            Act::ShareScreen => {
                if let Some((call_id, peer_id)) = own {
                    let change = ParticipantChange {
                        screen: Some(true),
                        ..Default::default()
                    };
                    self.send(number, ToServer::Change(call_id, peer_id, change));
                }
            }
            Act::Stay => {
                if let Some((call_id, peer_id)) = own {
                    self.send(number, ToServer::Stay(call_id, peer_id));
                }
            }
            Act::Host => {
                if let Some(call) = device.call.clone() {
                    let act = self.host_act(&call);
                    self.send(number, ToServer::Host(call.id, act));
                }
            }
            Act::Add | Act::StopRinging => {
                if let Some(call_id) = shown {
                    let index = self.random.random_range(0..self.people.len());
                    let user = self.people[index];
                    let message = if act == Act::Add {
                        ToServer::Add(call_id, user)
                    } else {
                        ToServer::StopRinging(call_id, user)
                    };
                    self.send(number, message);
                }
            }
            Act::LoseMedia | Act::FindMedia => {
                if let Some((call_id, peer_id)) = own
                    && let Some(call) = &device.call
                {
                    let epoch = call.session.epoch;
                    let up = act == Act::FindMedia;
                    self.send(number, ToServer::Media(call_id, peer_id, epoch, up));
                }
            }
            Act::SignOut => {
                self.send(number, ToServer::SignOut);
                self.act(number, Act::Die);
            }
            Act::OtherTab if device.alive => {
                // It has a socket and a word of its own; the first page is gone.
                let device = &mut self.devices[number];
                let socket = device.socket.take();
                device.tab.push('+');
                device.forget();
                device.peer = None;
                self.close(number, socket, false);
                self.connect(number);
            }
            Act::Stray => {
                if let Some((call_id, input)) = self.stray() {
                    let told = self.hand_in(call_id, input);
                    self.announce(told);
                }
            }
            Act::RaiseHand => {
                if let Some((call_id, peer_id)) = own {
                    let up = !self.devices[number].hand;
                    self.devices[number].hand = up;
                    let change = ParticipantChange {
                        hand: Some(up),
                        ..Default::default()
                    };
                    self.send(number, ToServer::Change(call_id, peer_id, change));
                }
            }
            Act::Reload if self.devices[number].alive => {
                let device = &mut self.devices[number];
                let socket = device.socket.take();
                device.forget();
                self.close(number, socket, true);
                let away = self.random.random_range(300..4_000);
                self.events.put(
                    self.now + Duration::from_millis(away),
                    Event::Connect { device: number },
                );
            }
            Act::Unplug => {
                // Some networks lose the server and keep the media node.
                self.devices[number].sounds = self.random.random_range(0..3) == 0;
                self.devices[number].plugged = false;
            }
            Act::PlugIn if !self.devices[number].plugged => {
                self.devices[number].plugged = true;
                self.devices[number].sounds = false;
                // The client sees that the network is there and starts over.
                let socket = self.devices[number].socket.take();
                self.close(number, socket, false);
                self.events.put(
                    self.now + Duration::from_millis(100),
                    Event::Connect { device: number },
                );
            }
            Act::Close => {
                let socket = self.devices[number].socket;
                self.close(number, socket, true);
                let device = &mut self.devices[number];
                device.alive = false;
                device.forget();
                device.peer = None;
            }
            Act::Die => {
                let device = &mut self.devices[number];
                device.alive = false;
                device.forget();
                device.peer = None;
            }
            Act::RestartServer => {
                let outputs = self.server.restart(self.now);
                self.announce(outputs);
                for device in 0..self.devices.len() {
                    self.devices[device].socket = None;
                    let pause = self.random.random_range(500..3_000);
                    self.events.put(
                        self.now + Duration::from_millis(pause),
                        Event::Connect { device },
                    );
                }
            }
            Act::Call | Act::Reload | Act::OtherTab | Act::PlugIn => {}
        }
    }

    /// Any input there is, about anybody there ever was, in the live call or the last one.
    pub(super) fn stray(&mut self) -> Option<(CallId, Input)> {
        let live = self.server.live.as_ref();
        let over = self.server.ended.last();
        let call = match self.random.random_range(0..4) {
            0 => over.or(live)?,
            _ => live.or(over)?,
        };
        let random = &mut self.random;
        let leg = call.legs.get(random.random_range(0..call.legs.len()))?;
        let peer_id = match random.random_range(0..8) {
            0 => PeerId::from_bytes([9; 16]),
            _ => leg.peer_id,
        };
        let by = leg.user_id;
        let device = &self.devices[random.random_range(0..self.devices.len())];
        let (user_id, device_id) = (device.user_id, device.device_id);
        let connected = random.random_range(0..2) == 0;
        let input = match random.random_range(0..24) {
            0 => Input::Leave { peer_id },
            1 => Input::EndForAll,
            2..5 => Input::Host {
                by,
                act: match random.random_range(0..8) {
                    0 => HostAct::Mute { peer_id },
                    1 => HostAct::MuteOthers,
                    2 => HostAct::StopScreen { peer_id },
                    3 => HostAct::LowerHand { peer_id },
                    4 => HostAct::Remove { user_id },
                    5 => HostAct::LetIn { user_id },
                    6 => HostAct::Lock,
                    _ => HostAct::Unlock,
                },
            },
            5 => Input::Ring {
                by,
                targets: Vec::new(),
                timeout: limits::RING_TIMEOUT,
            },
            6 => Input::StopRinging { by, user_id },
            7 => Input::Stay { peer_id },
            8 => Input::Remove {
                user_id,
                device_id: connected.then_some(device_id),
            },
            9 => Input::Change {
                peer_id,
                change: ParticipantChange {
                    screen: Some(connected),
                    ..Default::default()
                },
            },
            10 => Input::MediaState {
                peer_id,
                epoch: call.session.epoch - 1,
                connected,
            },
            11 => Input::MediaState {
                peer_id,
                epoch: call.session.epoch,
                connected,
            },
            12 => Input::SocketLost {
                peer_id,
                evidence_at: self.now,
            },
            // Only a socket that vouches brings anybody back.
            13 if leg.left.is_none() && !self.server.is_vouched_for(peer_id) => Input::Timeout,
            13 => Input::SocketBack { peer_id },
            14 => Input::Evidence {
                peer_id,
                at: self.now,
            },
            15 => Input::PageClosing { peer_id },
            16 => Input::RingAcknowledged { user_id, device_id },
            17 => Input::RingDeclined { user_id, device_id },
            18 => Input::DeviceConnected { user_id, device_id },
            19 => Input::MoveTo(match connected {
                true => MediaMode::Direct,
                false => MediaMode::Forwarded,
            }),
            20 => Input::Timeout,
            21 if call.ended.is_some() || call.kind != ConversationKind::Direct => Input::GoOnIn {
                by,
                conversation_id: self.server.conversation_id,
            },
            22 => Input::Prepare(PrepareInput {
                user_id,
                device_id,
                tab: device.tab.clone(),
                peer_id: PeerId::from_parts(self.now, random.random()),
            }),
            _ => Input::Restarted,
        };
        Some((call.id, input))
    }

    pub(super) fn acknowledge(&mut self, device: usize, call_id: CallId) {
        if !self.devices[device].drowsy {
            self.send(device, ToServer::Acknowledge(call_id));
            self.send(device, ToServer::Prepare(call_id));
        }
    }

    /// Something a host might do, to somebody in this call or not any more.
    pub(super) fn host_act(&mut self, call: &CallState) -> HostAct {
        let legs = &call.participants;
        let index = self.random.random_range(0..legs.len().max(1));
        let Some(leg) = legs.get(index) else {
            return HostAct::Unlock;
        };
        let (peer_id, user_id) = (leg.peer_id, leg.user_id);
        let rung = call.rings.first().map_or(user_id, |ring| ring.user_id);
        match self.random.random_range(0..12) {
            0..3 => HostAct::Mute { peer_id },
            3 => HostAct::MuteOthers,
            4 => HostAct::StopScreen { peer_id },
            5 => HostAct::LowerHand { peer_id },
            6 => HostAct::Remove { user_id },
            7 => HostAct::Remove { user_id: rung },
            8 => HostAct::LetIn {
                user_id: call.removed.first().copied().unwrap_or(rung),
            },
            9 | 10 => HostAct::Lock,
            _ => HostAct::Unlock,
        }
    }
}
