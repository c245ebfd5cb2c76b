// All the CPU that k6 gets, spent as scripts spend it: a request, a check, and some work on the answer.
import http from 'k6/http';
import { check, group } from 'k6';
export const options = { scenarios: { hot: { executor: 'constant-vus', vus: 10, duration: __ENV.DUR || '300s', gracefulStop: '0s' } } };
export default function () {
  group('page', () => {
    const r = http.get(`${__ENV.TARGET}/fast`);
    check(r, { 'status is 200': (x) => x.status === 200 });
    let sum = 0;
    for (let i = 0; i < 4000; i++) sum += (i * 31) % 7;
    if (sum < 0) throw new Error('never');
  });
}
