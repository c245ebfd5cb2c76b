// Without a pause: all the CPU that k6 gets.
import http from 'k6/http';
export const options = { scenarios: { hot: { executor: 'constant-vus', vus: 10, duration: '300s' } } };
export default function () { http.get(`${__ENV.TARGET}/fast`); }
