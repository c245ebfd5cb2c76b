import { sleep } from 'k6';
const ALL = {
  steady: { executor: 'constant-vus', vus: 3, duration: '20s' },
  ramp: { executor: 'ramping-vus', startVUs: 1, stages: [{ duration: '10s', target: 6 }, { duration: '0s', target: 2 }, { duration: '10s', target: 2 }],
    startTime: '5s', gracefulRampDown: '3s', gracefulStop: '2s' },
  down: { executor: 'ramping-vus', startVUs: 7, stages: [{ duration: '10s', target: 7 }, { duration: '1m30s', target: 0 }, { duration: '5s', target: 0 }],
    gracefulRampDown: '8s' },
  arrivals: { executor: 'constant-arrival-rate', rate: 30, timeUnit: '1m', duration: '30s', preAllocatedVUs: 2, maxVUs: 5 },
  rising: { executor: 'ramping-arrival-rate', startRate: 1, timeUnit: '1s', stages: [{ duration: '10s', target: 20 }], preAllocatedVUs: 2 },
  shared: { executor: 'shared-iterations', vus: 2, iterations: 10, maxDuration: '15s' },
  each: { executor: 'per-vu-iterations', vus: 4, iterations: 10, startTime: '1m40s', maxDuration: '1m' },
  outside: { executor: 'externally-controlled', vus: 3, maxVUs: 10, duration: '45s' },
  // To be run, and not only to be read.
  climb: { executor: 'ramping-vus', startVUs: 1, stages: [{ duration: '3s', target: 9 }, { duration: '1s', target: 9 }, { duration: '3s', target: 2 }] },
};
export const options = { scenarios: Object.fromEntries(__ENV.ONLY.split(',').map((name) => [name, ALL[name]])) };
export function setup() { sleep(1); }
export default function () { sleep(0.02); }
