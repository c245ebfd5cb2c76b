// Ten VUs that ask a server which takes WAIT milliseconds for each answer.
import http from 'k6/http';
export const options = { vus: 10, duration: __ENV.DUR || '10s' };
export default function () { http.get(`${__ENV.TARGET}/wait/${__ENV.WAIT}`, { tags: { name: 'wait' } }); }
