import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const counter = new Counter('a_counter'), gauge = new Gauge('a_gauge'), rate = new Rate('a_rate'), trend = new Trend('a_trend');
const never = new Rate('never');
const samples = JSON.parse(__ENV.SAMPLES), slow = JSON.parse(__ENV.SLOW);
export const options = { vus: 1, iterations: 1, thresholds: JSON.parse(__ENV.THRESHOLDS) };
export default function () {
  for (const sample of samples) {
    const tags = slow.includes(sample) ? { kind: 'slow' } : {};
    trend.add(sample, tags);
  }
  // Three of seventeen; of the four with a tag, three.
  for (let i = 0; i < 17; i++) { rate.add(i < 3, i < 4 ? { kind: 'slow' } : {}); }
  for (const part of [3, 0.25, -16]) { counter.add(part); }
  gauge.add(5);
  gauge.add(1e-7);
}
export const handleSummary = (data) => ({ [__ENV.SUMMARY]: JSON.stringify(data) });
