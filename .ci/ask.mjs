// What .ci/run asks the running product, with what Node brings along.
//   ask.mjs nobody ADDRESS                exit code 0 if nothing listens there yet
//   ask.mjs ready ADDRESS SECONDS PID     waits until the first start is complete, and prints what it waits for; gives up when the process ends
//   ask.mjs document ADDRESS FILE        stores the OpenAPI document
//   ask.mjs questions ADDRESS             a line "passed: …" or "failed: …" for each question

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const [, , verb, address, third, pid] = process.argv;

const ask = (path, options = {}) => fetch(new URL(path, address), { redirect: 'manual', signal: AbortSignal.timeout(10_000), ...options });

const predict = question => ask('/api/predictions', {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(question),
});

async function nobody() {
  try {
    await ask('/');
  } catch (error) {
    if (error.cause?.code === 'ECONNREFUSED' || error.cause?.errors?.every(({ code }) => code === 'ECONNREFUSED')) return;
    throw error;
  }
  throw new Error(`${address} is taken by another program; stop it and try again.`);
}

function isAlive(processId) {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}

async function ready() {
  const giveUpAt = Date.now() + third * 1000;
  for (let before = ''; ;) {
    let state;
    try {
      const answer = await ask('/health/ready');
      state = await answer.text();
      if (answer.ok && state === 'Ready') return console.log(state);
    } catch (error) {
      state = `no answer (${error.cause?.code ?? error.message})`;
    }
    if (state !== before) console.log(before = state);
    if (!isAlive(Number(pid))) throw new Error('The product ended before its first start was complete.');
    if (Date.now() > giveUpAt) throw new Error(`The first start is not complete after ${third} s.`);
    await pause(500);
  }
}

async function document() {
  await writeFile(third, await (await ask('/openapi/v1.json')).text());
}

const questions = {};
for (const page of ['/', '/?pclass=1&sex=female&age=29&fare=100', '/monitoring', '/models', '/models/1', '/features', '/pipelines', '/runs/1', '/login'])
  questions[`${page} is a page`] = async () => {
    const answer = await ask(page);
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /<h1[\s>]/);
  };

questions['every style sheet and script of the first page is served'] = async () => {
  const html = await (await ask('/')).text();
  const files = [...html.matchAll(/<(?:link[^>]+rel="stylesheet"[^>]*href|script[^>]+src)="([^"]+)"/g)].map(([, file]) => file);
  assert.ok(files.length > 0, 'there are none');
  for (const file of files) assert.equal((await ask(file)).status, 200, file);
};

questions['a lady of the first class survives, and the answer has a receipt'] = async () => {
  const answer = await predict({ pclass: 1, sex: 'female', age: 29, fare: 100 });
  assert.equal(answer.status, 200);
  const { id, survived, probability, neighbors } = await answer.json();
  assert.equal(survived, true);
  assert.ok(probability > 0.5 && probability < 1 && neighbors >= 7, `${probability} by ${neighbors} neighbours`);
  assert.equal((await (await ask(`/api/predictions/${id}`)).json()).id, id);
};

questions['a man of the third class does not'] = async () =>
  assert.equal((await (await predict({ pclass: 3, sex: 'male', age: 29, fare: 8 })).json()).survived, false);

questions['a fourth class is refused with a reason'] = async () => {
  const answer = await predict({ pclass: 4, sex: 'male' });
  assert.equal(answer.status, 400);
  assert.match(answer.headers.get('Content-Type'), /^application\/problem\+json/);
};

questions['strangers do not see the job dashboard'] = async () =>
  assert.ok([302, 401].includes((await ask('/hangfire')).status));

questions['strangers start no run'] = async () =>
  assert.ok([400, 401, 403].includes((await ask('/api/pipelines/feature/runs', { method: 'POST' })).status));

async function askAll() {
  for (const [name, question] of Object.entries(questions)) {
    try {
      await question();
      console.log(`passed: ${name}`);
    } catch (error) {
      console.log(`failed: ${name}: ${error.message.replaceAll('\n', ' ')}`);
    }
  }
}

try {
  await { nobody, ready, document, questions: askAll }[verb]();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
