/**
 * Connections that are up before the answer: to those this page has called, or to whoever calls it.
 * The call goes on over the one of who answers.
 */
import type { DirectSignal, PeerId, Source } from "../../protocol/generated";
import { SOURCES, type Tracks } from "./connection";
import type { DirectConnection } from "./direct";

type Held = {
  connection: DirectConnection;
  /** Who this page is to the other. */
  peerId: PeerId;
  /** There is an answer. */
  sends: boolean;
};

export class PreparedConnections {
  private readonly held = new Map<PeerId, Held>();

  add(partner: PeerId, peerId: PeerId, connection: DirectConnection): void {
    this.drop(partner);
    this.held.set(partner, { connection, peerId, sends: false });
  }

  /** This page or the other has answered, and this one sends. */
  attach(partner: PeerId, tracks: Tracks): void {
    const held = this.held.get(partner);
    if (held === undefined) return;
    held.sends = true;
    held.connection.speakUp();
    held.connection.sayAnswered();
    for (const source of SOURCES) held.connection.setTrack(source, tracks[source]);
  }

  /** One of the own devices has another track. Nothing of it goes out before the answer. */
  setTrack(source: Source, track: MediaStreamTrack | null): void {
    for (const { connection, sends } of this.held.values()) {
      if (sends) connection.setTrack(source, track);
    }
  }

  /** Whether the signal was for one of these. */
  signal(epoch: number, from: PeerId, signal: DirectSignal): boolean {
    const connection = this.held.get(from)?.connection;
    if (connection?.epoch !== epoch) return false;
    connection.signal(from, signal);
    return true;
  }

  /** The connection of whoever has answered, or was answered, until the call takes it. */
  answered(): DirectConnection | null {
    for (const { connection, sends } of this.held.values()) {
      if (sends) return connection;
    }
    return null;
  }

  /** The connection the call goes on over; null when there is none of use, and a new one is made. */
  take(partner: PeerId, peerId: PeerId, epoch: number): DirectConnection | null {
    const held = this.held.get(partner);
    if (held === undefined) return null;
    if (held.peerId !== peerId || held.connection.epoch !== epoch || held.connection.hasFailed) {
      this.drop(partner);
      return null;
    }
    this.held.delete(partner);
    return held.connection;
  }

  drop(partner: PeerId): void {
    this.held.get(partner)?.connection.close();
    this.held.delete(partner);
  }
}
