// One VU that mostly sleeps.
import http from 'k6/http';
import { sleep } from 'k6';
export const options = { scenarios: { idle: { executor: 'constant-vus', vus: 1, duration: '300s' } } };
export default function () { http.get(`${__ENV.TARGET}/fast`); sleep(0.5); }
