// Fails in a known number of ways: see tests/k6/test_log.py.
import http from 'k6/http';
import { sleep } from 'k6';
export const options = {
  scenarios: {
    troubled: { executor: 'shared-iterations', vus: 1, iterations: Number(__ENV.ITERATIONS || 48), maxDuration: '30s' },
  },
  thresholds: { http_req_failed: ['rate<0.5'] },
};
export function setup() {
  console.log('setup says hello');
}
export default function () {
  console.log(`iteration ${__ITER}`);
  http.get(`http://127.0.0.1:1/user/${__ITER}?page=${__ITER}`);
  if (__ITER % 3 === 0) console.error(`no stock for article ${__ITER}`);
  if (__ITER % 4 === 0) throw new Error(`boom ${__ITER}\nin two lines`);
  console.warn('mind', { the: 'gap' });
  sleep(0.1);
}
