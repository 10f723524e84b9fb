/** The one alarm of an object: only moved earlier, and considered lost once it is far too late. */
import { expect, test } from 'vitest';
import { ObjectAlarm } from '../../../src/edge/object/alarm.ts';
import { ALARM_LATE_MS } from '../../../src/limits.ts';

function alarmAt(at: number | null): { alarm: ObjectAlarm; set: number[] } {
  const set: number[] = [];
  const alarm = new ObjectAlarm({ setAlarm: async (time) => void set.push(time) }, at);
  return { alarm, set };
}

test('an alarm is set where there is none, and moved only to be earlier', () => {
  const { alarm, set } = alarmAt(null);
  for (const at of [null, 500, 700, 500, 300, null, 400]) alarm.ringBy(at);
  expect(set).toEqual([500, 300]);
  alarm.hasFired();
  alarm.ringBy(900);
  expect(set).toEqual([500, 300, 900]);
});

test('an alarm that the platform has given up is set again', () => {
  const { alarm, set } = alarmAt(1_000);
  expect(alarm.isLost(1_000 + ALARM_LATE_MS - 1)).toBe(false);
  alarm.ringBy(2_000);
  expect(set).toEqual([]);
  expect(alarm.isLost(1_000 + ALARM_LATE_MS)).toBe(true);
  alarm.ringBy(2_000);
  expect(set).toEqual([2_000]);
  expect(alarmAt(null).alarm.isLost(0)).toBe(true);
});
