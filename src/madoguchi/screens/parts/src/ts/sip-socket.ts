/** The SIP WebSocket for JsSIP: a fresh ticket for each connection, and a dead one is noticed in seconds. */

import { everySecond } from "./heart";

export interface Credentials {
  /** sip:op-…@madoguchi */
  uri: string;
  authorization_user: string;
  password: string;
  /** `/ws?ticket=…`, relative to the page; good for one connection within a minute. */
  ws_url: string;
  ice_servers: RTCIceServer[];
}

/** The page's own origin by WebSocket. */
export function socketUrl(wsUrl: string, page: string): string {
  const url = new URL(wsUrl, page);
  if (url.protocol.startsWith("http")) url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

const PING_EVERY_S = 5;
const PONG_WITHIN_S = 6;

/** What JsSIP asks of a socket; RFC 7118, keep-alive by double CRLF (RFC 5626, 3.5.1). */
export class TicketSocket {
  via_transport: string;
  readonly url: string;
  readonly sip_uri: string;
  onconnect: () => void = () => {};
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => {};
  ondata: (data: unknown) => void = () => {};
  private socket: WebSocket | null = null;
  private connecting = false;
  private used = false;
  private answersPings = false;
  private quietS = 0;
  private stopTicks: () => void = () => {};

  constructor(private credentials: Credentials, private readonly renew: () => Promise<Credentials>) {
    const url = new URL(socketUrl(credentials.ws_url, location.href));
    this.url = `${url.protocol}//${url.host}${url.pathname}`;
    this.via_transport = url.protocol === "wss:" ? "WSS" : "WS";
    this.sip_uri = `sip:${url.host};transport=ws`;
  }

  connect(): void {
    if (this.connecting || this.isConnected()) return;
    this.connecting = true;
    this.fresh().then((credentials) => this.open(credentials), () => this.failed());
  }

  private async fresh(): Promise<Credentials> {
    if (this.used) this.credentials = await this.renew();
    this.used = true;
    return this.credentials;
  }

  private open(credentials: Credentials): void {
    if (!this.connecting) return;
    const socket = new WebSocket(socketUrl(credentials.ws_url, location.href), "sip");
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.addEventListener("open", () => this.opened(socket));
    socket.addEventListener("message", (event: MessageEvent<unknown>) => this.heard(event.data));
    socket.addEventListener("close", (event) => this.closed(socket, event));
  }

  private opened(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.connecting = false;
    this.quietS = 0;
    this.answersPings = false;
    this.stopTicks();
    this.stopTicks = everySecond(() => this.tick());
    this.onconnect();
  }

  private heard(data: unknown): void {
    this.quietS = 0;
    if (data === "\r\n") this.answersPings = true;
    else this.ondata(data);
  }

  private tick(): void {
    this.quietS += 1;
    if (this.quietS % PING_EVERY_S === 0) this.send("\r\n\r\n");
    // Only a far end that has answered pings before can be called dead for not answering.
    if (this.answersPings && this.quietS >= PING_EVERY_S + PONG_WITHIN_S) this.drop();
  }

  /** Gives the connection up at once, as after a change of network; JsSIP connects anew. */
  drop(): void {
    const socket = this.socket;
    if (!socket) return;
    this.forget();
    socket.close();
    this.ondisconnect(true, 4000, "given up");
  }

  private closed(socket: WebSocket, event: CloseEvent): void {
    if (socket !== this.socket) return;
    this.forget();
    this.ondisconnect(!event.wasClean, event.code, event.reason);
  }

  private failed(): void {
    this.forget();
    this.ondisconnect(true, 4001, "no ticket");
  }

  private forget(): void {
    this.stopTicks();
    this.stopTicks = () => {};
    this.socket = null;
    this.connecting = false;
  }

  disconnect(): void {
    const socket = this.socket;
    this.forget();
    socket?.close();
  }

  send(message: string): boolean {
    if (!this.isConnected()) return false;
    this.socket?.send(message);
    return true;
  }

  isConnected(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  isConnecting(): boolean {
    return this.connecting;
  }
}
