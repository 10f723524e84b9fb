/** The writer's end of its links, without a writer: each link's outcomes of a shared commit. */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import type { CatalogueUpdate } from '../../../src/database/catalogue-update.ts';
import type { Command } from '../../../src/domain/command.ts';
import type { CommandOutcome } from '../../../src/domain/outcome.ts';
import { WriterLinks } from '../../../src/split/writer-links.ts';
import { type FromWriter, fromWire, type Wire } from '../../../src/split/writer-protocol.ts';
import { noon, placeHold } from '../../support/commands.ts';

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

type Links = WriterLinks<Command, CommandOutcome, CatalogueUpdate>;
type Message = FromWriter<CommandOutcome, CatalogueUpdate>;

function attach(links: Links): { writers: MessagePort; own: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  links.attach(port1, { changes: [{ kind: 'catalogue', drops: [] }], lastSeq: 3 });
  return { writers: port1, own: port2 };
}

function received(port: MessagePort): Message[] {
  const messages: Message[] = [];
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
    messages.push(fromWire(next.message as Wire<Message>));
  }
  return messages;
}

const outcome = (perCustomer: number): CommandOutcome => ({ kind: 'limit_reached', perCustomer, itemId: 1 });
const commands = (count: number) =>
  Array.from({ length: count }, (_, index) => placeHold(`buyer ${index}`, { itemId: 1 }));

const noEvents = { onBatch: () => undefined, onStep: () => undefined, onClose: () => undefined };

describe('links that share a commit', () => {
  test('receive the outcomes of their own commands, after all links received the changes', () => {
    const lastCommit = new SharedArrayBuffer(4);
    const links: Links = new WriterLinks(lastCommit, noEvents);
    const [one, two, three] = [attach(links), attach(links), attach(links)];
    const outcomes = [1, 2, 3].map(outcome);
    links.answer(
      [
        { port: one.writers, commands: commands(1) },
        { port: two.writers, commands: commands(2) },
      ],
      { outcomes, update: { changes: [], lastSeq: 5 }, commitMs: 3, fsyncMs: 2 },
      7,
      noon,
    );
    const reported = { kind: 'changed', update: { changes: [], lastSeq: 5 }, commit: 1 };
    const answer = { kind: 'committed', update: null, commit: 1, walPages: 7 };
    const first = {
      ...answer,
      outcomes: outcomes.slice(0, 1),
      times: { commitMs: 3, fsyncMs: 2, at: noon },
    };
    expect(received(one.own).slice(1)).toEqual([reported, first]);
    expect(received(two.own).slice(1)).toEqual([
      reported,
      { ...answer, outcomes: outcomes.slice(1), times: null },
    ]);
    expect(received(three.own).slice(1)).toEqual([reported]);
    expect(new Int32Array(lastCommit)[0]).toBe(1);
  });
});
