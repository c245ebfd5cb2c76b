export const options = { thresholds: { no_such_metric: ['rate<0.1'] } };
export default function () {}
