// The last word of `npm test`: what it left to `npm run test:rest`, which CI runs after it.
console.log(`
Left to \`npm run test:rest\` (CI runs it; \`npm run test:all\` runs both):
- every fault of the kill matrix against every check, in all set-ups of the mock, and each check by itself
  (here: the checks that could see the fault, 60 of them at most beside those that are said to notice it);
- test/long/: hostile registries, several processes, load that takes its time;
- test/programs/: real registries, clients, validators and a browser, and the tests of k6/ in Go.
Left to \`npm run test:cluster\`: test/cluster/, on a real Kubernetes (CI runs it where one has been built).`);
