// Logs as much as it is told to, of every level and kind.
import http from 'k6/http';
import { sleep } from 'k6';
const LINES = Number(__ENV.LINES || 1);
export const options = { vus: 1, duration: __ENV.DUR || '20s' };
export default function () {
  for (let i = 0; i < LINES; i++) console.log(`line ${__ITER}.${i}`);
  if (__ENV.LOUD) {
    console.warn('mind the gap');
    http.get(`http://127.0.0.1:1/user/${__ITER}`);
    if (__ITER % 2) throw new Error(`boom ${__ITER}`);
  }
  sleep(Number(__ENV.SLEEP || 0.1));
}
