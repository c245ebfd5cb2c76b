// The run that the conformance suite asks about; conformance.toml is the same for the simulation.
import http from 'k6/http';
import { check, group, sleep } from 'k6';
import { Trend, Counter, Gauge, Rate } from 'k6/metrics';
const T = __ENV.TARGET;
const myTrend = new Trend('my_trend'), myTime = new Trend('my_time_trend', true), myCounter = new Counter('my_counter');
const myGauge = new Gauge('my_gauge'), myRate = new Rate('my_rate');
const neverTrend = new Trend('never_trend', true), neverRate = new Rate('never_rate'), neverCounter = new Counter('never_counter');
const plan = __ENV.EXTERNAL
  ? { executor: 'externally-controlled', vus: 2, maxVUs: 5, duration: '120s' }
  : { executor: 'constant-vus', vus: 3, duration: '120s' };
export const options = {
  scenarios: { main: plan },
  thresholds: {
    http_req_duration: ['p(95)<60000'],
    'http_req_duration{status:200}': ['max<0.0000001'],
    'http_req_duration{status:404}': ['p(95)<1000'],
    'http_req_duration{ status : 500 }': ['p(95)<1000'],
    http_req_failed: ['rate<1'],
    never_trend: ['avg<10'],
    never_rate: ['rate>0.5'],
    'my_trend{a:b,c:d}': ['avg>=0'],
  },
};
export function setup() { return { a: 1, token: 'abc', nested: { list: [1, 2, { x: null }], s: 'é"<&>' }, f: 1.5, t: true }; }
export default function () {
  group('outer', () => {
    const r = http.get(`${T}/`);
    check(r, { 'status is 200': (x) => x.status === 200, 'always fails': () => false });
    group('inner', () => { check(http.get(`${T}/`), { 'inner ok': (x) => x.status === 200 }); });
  });
  myTrend.add(5, { a: 'b', c: 'd' }); myTime.add(12.5); myCounter.add(2); myGauge.add(3); myRate.add(1);
  sleep(0.2);
}
export function teardown() {}
