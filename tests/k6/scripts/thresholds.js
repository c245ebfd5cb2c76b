import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const counter = new Counter('a_counter'), gauge = new Gauge('a_gauge'), rate = new Rate('a_rate'), trend = new Trend('a_trend');
const stats = ['avg', 'min', 'med', 'max', 'p(0)', 'p(4)', 'p(10)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'p(100)'];
export const options = { vus: 1, iterations: 1, thresholds: JSON.parse(__ENV.THRESHOLDS), summaryTrendStats: stats };
export default function () {
  for (let i = 1; i <= 100; i++) { trend.add(i); }
  for (let i = 0; i < 4; i++) { rate.add(i === 0); }
  counter.add(7);
  gauge.add(-2);
}
export const handleSummary = (data) => ({ [__ENV.SUMMARY]: JSON.stringify(data) });
