/** A keep-alive connection that carries one request at a time and reconnects by itself. */
import { connect, type Socket } from 'node:net';
import { type HttpResponse, ProtocolError, ResponseReader } from './http-response.ts';

/** Called once per request, with the response or with the reason why there is none. */
export type Answered = (answer: HttpResponse | Error) => void;

// Servers close idle connections; 5 s is the shortest timeout among ours. A buyer's client does not
// reuse such a connection either, so replace it before the server closes it under a request.
const idleMaxMs = 4_000;
const readBufferBytes = 4_096;
const saysClose = /\r\nconnection: *close/i;

export class HttpConnection {
  readonly #host: string;
  readonly #port: number;
  readonly #readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
  #reader = new ResponseReader();
  #socket: Socket | undefined;
  #answered: Answered | undefined;
  #usedAtMs = 0;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  /** Resolves once the server has accepted the connection; rejects with the socket's error. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connect().once('connect', resolve).once('error', reject);
    });
  }

  /** Sends one whole request. Throws if another one is under way. */
  send(request: string, answered: Answered): void {
    if (this.#answered !== undefined) throw new Error('This connection is busy.');
    this.#answered = answered;
    const nowMs = performance.now();
    const usable = this.#socket?.writable === true && nowMs - this.#usedAtMs < idleMaxMs;
    const socket = usable && this.#socket !== undefined ? this.#socket : this.#connect();
    this.#usedAtMs = nowMs;
    socket.write(request, 'latin1');
  }

  /** Fails a request that was sent more than `deadlineMs` ago. */
  expire(deadlineMs: number): void {
    if (this.#answered === undefined || performance.now() - this.#usedAtMs < deadlineMs) return;
    this.#end(new Error(`no answer within ${deadlineMs} ms`));
  }

  close(): void {
    this.#socket?.destroy();
  }

  #connect(): Socket {
    this.#socket?.destroy();
    this.#reader = new ResponseReader();
    const socket: Socket = connect({
      host: this.#host,
      port: this.#port,
      noDelay: true,
      // One buffer per connection: a new one per read costs the generator a tenth of its time.
      onread: {
        buffer: this.#readBuffer,
        callback: (length) => {
          if (socket === this.#socket) this.#receive(length);
          return true;
        },
      },
    });
    socket.on('error', (error) => {
      if (socket === this.#socket) this.#end(error);
    });
    socket.on('close', () => {
      if (socket === this.#socket) this.#end(new Error('the server closed the connection'));
    });
    this.#socket = socket;
    this.#usedAtMs = performance.now();
    return socket;
  }

  #receive(length: number): void {
    const bytes = this.#readBuffer.subarray(0, length);
    if (this.#answered === undefined) {
      throw new ProtocolError('Received a response without a request.', bytes.toString('latin1'));
    }
    const response = this.#reader.read(bytes);
    if (response === undefined) return;
    if (saysClose.test(response.head)) this.#drop();
    this.#answer(response);
  }

  #end(error: Error): void {
    this.#drop();
    if (this.#answered !== undefined) this.#answer(error);
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #answer(answer: HttpResponse | Error): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(answer);
  }
}
