/** The registration at the switch and the calls that come over it. */

import { UA } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRequest } from "jssip/lib/SIPMessage";
import type { Socket } from "jssip/lib/Socket";
import type { RTCSessionEvent, UnRegisteredEvent } from "jssip/lib/UA";

import type { TroubleCode } from "./phone-words";
import { TicketSocket, type Credentials } from "./sip-socket";

export interface LineListener {
  registered(): void;
  unreachable(code: TroubleCode): void;
  incoming(session: RTCSession, request: IncomingRequest): void;
}

const REGISTER_AGAIN_MS = 5000;

export class SipLine {
  private readonly ua: UA;
  private readonly socket: TicketSocket;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(
    readonly credentials: Credentials, renew: () => Promise<Credentials>, private readonly listener: LineListener,
    private readonly registers: boolean = true,
  ) {
    this.socket = new TicketSocket(credentials, renew);
    this.ua = new UA({
      sockets: this.socket as unknown as Socket,
      uri: credentials.uri,
      authorization_user: credentials.authorization_user,
      password: credentials.password,
      register: registers,
      register_expires: 120,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
      user_agent: "Madoguchi",
    });
    this.listen();
  }

  private listen(): void {
    this.ua.on("registered", () => this.listener.registered());
    this.ua.on("connected", () => {
      if (!this.registers) this.listener.registered();
    });
    this.ua.on("disconnected", () => {
      if (!this.stopped) this.listener.unreachable("server_unreachable");
    });
    this.ua.on("registrationFailed", ({ response }: UnRegisteredEvent) => this.refused(response?.status_code));
    this.ua.on("newRTCSession", (event: RTCSessionEvent) => {
      if (event.originator !== "remote") return;
      this.listener.incoming(event.session, event.request as IncomingRequest);
    });
  }

  private refused(status: number | undefined): void {
    if (this.stopped) return;
    const refusal = status === 403 || status === 404 || status === 401;
    this.listener.unreachable(refusal ? "registration_refused" : "server_unreachable");
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      if (this.ua.isConnected()) this.ua.register();
    }, REGISTER_AGAIN_MS);
  }

  start(): void {
    this.ua.start();
  }

  get registered(): boolean {
    return this.registers ? this.ua.isRegistered() : this.ua.isConnected();
  }

  call(target: string, stream: MediaStream, headers: string[]): RTCSession {
    return this.ua.call(target, {
      mediaStream: stream, extraHeaders: headers, pcConfig: { iceServers: this.credentials.ice_servers },
    });
  }

  /** The network changed: the connection may look alive and carry nothing. */
  reconnect(): void {
    this.socket.drop();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retry);
    this.ua.stop();
  }

  /** Leaves without a word: no BYE, so that the server keeps the customer for whoever comes next. */
  vanish(): void {
    this.stopped = true;
    clearTimeout(this.retry);
    this.socket.disconnect();
    this.ua.stop();
  }
}
