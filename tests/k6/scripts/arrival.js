// More iterations planned than its VUs can start.
import { sleep } from 'k6';
export const options = { scenarios: { open: {
  executor: 'constant-arrival-rate', rate: 40, timeUnit: '1s', preAllocatedVUs: 5, maxVUs: 5, duration: '300s',
} } };
export default function () { sleep(0.5); }
