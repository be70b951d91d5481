// The smoke test of .ci/run against the running product. It needs only Node's built-in modules.
//   smoke.mjs free ADDRESS                 exit code 0 if nothing listens at the address
//   smoke.mjs ready ADDRESS SECONDS PID    waits until the first start is complete and prints its progress; fails if the process exits
//   smoke.mjs document ADDRESS FILE        saves the OpenAPI document
//   smoke.mjs checks ADDRESS               prints one line "passed: …" or "failed: …" per check

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const [, , command, address, argument, pid] = process.argv;

const request = (path, options = {}) => fetch(new URL(path, address), { redirect: 'manual', signal: AbortSignal.timeout(10_000), ...options });

const predict = input => request('/api/predictions', {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(input),
});

async function free() {
  try {
    await request('/');
  } catch (error) {
    if (error.cause?.code === 'ECONNREFUSED' || error.cause?.errors?.every(({ code }) => code === 'ECONNREFUSED')) return;
    throw error;
  }
  throw new Error(`Another program listens on ${address}; stop it and try again.`);
}

function isAlive(processId) {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}

async function ready() {
  const deadline = Date.now() + argument * 1000;
  for (let previous = ''; ;) {
    let state;
    try {
      const response = await request('/health/ready');
      state = await response.text();
      if (response.ok && state === 'Ready') return console.log(state);
    } catch (error) {
      state = `no response (${error.cause?.code ?? error.message})`;
    }
    if (state !== previous) console.log(previous = state);
    if (!isAlive(Number(pid))) throw new Error('The product exited before its first start was complete.');
    if (Date.now() > deadline) throw new Error(`The first start is not complete after ${argument} s.`);
    await pause(500);
  }
}

async function document() {
  await writeFile(argument, await (await request('/openapi/v1.json')).text());
}

const checks = {};
for (const page of ['/', '/?pclass=1&sex=female&age=29&fare=100', '/monitoring', '/models', '/models/1', '/features', '/pipelines', '/runs/1', '/login'])
  checks[`${page} returns a page`] = async () => {
    const response = await request(page);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /<h1[\s>]/);
  };

checks['every style sheet and script of the home page is served'] = async () => {
  const html = await (await request('/')).text();
  const files = [...html.matchAll(/<(?:link[^>]+rel="stylesheet"[^>]*href|script[^>]+src)="([^"]+)"/g)].map(([, file]) => file);
  assert.ok(files.length > 0, 'the page has none');
  for (const file of files) assert.equal((await request(file)).status, 200, file);
};

checks['predicts survival for a woman in first class, with a receipt'] = async () => {
  const response = await predict({ pclass: 1, sex: 'female', age: 29, fare: 100 });
  assert.equal(response.status, 200);
  const { id, survived, probability, neighbors } = await response.json();
  assert.equal(survived, true);
  assert.ok(probability > 0.5 && probability < 1 && neighbors >= 7, `probability ${probability}, ${neighbors} neighbors`);
  assert.equal((await (await request(`/api/predictions/${id}`)).json()).id, id);
};

checks['predicts death for a man in third class'] = async () =>
  assert.equal((await (await predict({ pclass: 3, sex: 'male', age: 29, fare: 8 })).json()).survived, false);

checks['returns 400 with a problem for passenger class 4'] = async () => {
  const response = await predict({ pclass: 4, sex: 'male' });
  assert.equal(response.status, 400);
  assert.match(response.headers.get('Content-Type'), /^application\/problem\+json/);
};

checks['denies anonymous access to the job dashboard'] = async () =>
  assert.ok([302, 401].includes((await request('/hangfire')).status));

checks['denies anonymous requests to start a run'] = async () =>
  assert.ok([400, 401, 403].includes((await request('/api/pipelines/feature/runs', { method: 'POST' })).status));

async function runChecks() {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`passed: ${name}`);
    } catch (error) {
      console.log(`failed: ${name}: ${error.message.replaceAll('\n', ' ')}`);
    }
  }
}

try {
  await { free, ready, document, checks: runChecks }[command]();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
