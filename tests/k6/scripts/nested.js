// Groups three deep and checks that fail every so often, over a fixed number of iterations; the summary goes to $SUMMARY.
import { check, group } from "k6";
import exec from "k6/execution";

export const options = { scenarios: { main: { executor: "shared-iterations", vus: 3, iterations: 61 } } };

export default function () {
  const i = exec.scenario.iterationInTest;
  check(i, { "at the root": () => true });
  group("shop", () => {
    check(i, { "opens": () => i % 2 === 0, "has a price": () => true });
    group("cart", () => {
      check(i, { "takes an item": () => i % 3 !== 0 });
      group("checkout", () => {
        check(i, { "is paid": () => i % 7 !== 0, "never": () => false });
      });
    });
  });
  group("account", () => {
    group("cart", () => {
      check(i, { "takes an item": () => i % 5 !== 0 });
    });
  });
}

export function handleSummary(data) {
  return { [__ENV.SUMMARY]: JSON.stringify(data.root_group) };
}
