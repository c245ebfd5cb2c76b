import { sleep } from 'k6';
export const options = { vus: 1, duration: __ENV.DUR || '60s' };
export function setup() {
  console.log('SETUP RUNS');
  sleep(Number(__ENV.SETUP_SLEEP || 0));
  if (__ENV.THROW) throw new Error('boom in setup');
  return { token: 'd0a9c2', products: [101, 102], nested: { deep: [{ er: null }] } };
}
export default function (data) {
  if (__ITER === 0) console.log('VU GOT ' + JSON.stringify(data));
  sleep(0.1);
}
export function teardown(data) {
  console.log('TEARDOWN GOT ' + JSON.stringify(data));
  if (__ENV.THROW_LATE) throw new Error('boom in teardown');
}
