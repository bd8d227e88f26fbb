// What the page of a run is served by: who is answered, with what, and how it ends.
import { once } from 'node:events';
import { request as ask, createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Results } from '../../../../reports/results.ts';
import { Dashboard, type Render } from './server.ts';

let rendered = 0;
const render: Render = ({ target }, isRunning) => {
  rendered++;
  const piece = `<p>${target}</p>`;
  return {
    page: `<body>${piece}`,
    policy: "default-src 'none'; connect-src 'self'",
    title: isRunning ? 'live' : 'report',
    icon: 'data:,',
    order: { chapter: ['same', target] },
    pieces: new Map([
      ['same', '<p>same</p>'],
      [target, piece],
    ]),
  };
};

const open: Dashboard[] = [];
const started = async (port = 0) => {
  rendered = 0;
  const dashboard = await Dashboard.open(port, render);
  open.push(dashboard);
  let target = 'one';
  dashboard.show(() => ({ target, verdict: 'pass' }) as Results);
  return {
    dashboard,
    port: Number(new URL(dashboard.url).port),
    name: (next: string) => {
      target = next;
    },
  };
};
afterEach(async () => {
  for (const dashboard of open.splice(0)) {
    const { port } = new URL(dashboard.url);
    const ending = dashboard.fail('over');
    // Else a page that was asked for is waited for.
    await asked(Number(port), '/events').catch(() => undefined);
    await ending;
  }
});

interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

function asked(port: number, path = '/', headers = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = ask(
      { host: '127.0.0.1', port, path, headers, method, agent: false },
      (reply) => {
        let body = '';
        reply.on('data', (chunk) => {
          body += chunk;
        });
        reply.on('end', () =>
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body }),
        );
      },
    );
    request.on('error', reject).end();
  });
}

/** An open page: the events that it was sent. */
async function follow(port: number) {
  const request = ask({ host: '127.0.0.1', port, path: '/events', agent: false }).end();
  const [reply] = await once(request, 'response');
  const events: { event: string; data: Record<string, unknown> }[] = [];
  let text = '';
  reply.on('data', (chunk: Buffer) => {
    const parts = (text + chunk).split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? [];
      if (event !== undefined) events.push({ event, data: JSON.parse(data ?? '') });
    }
  });
  const next = async (count: number) => {
    while (events.length < count) await once(reply, 'data');
    return events[count - 1];
  };
  return { status: reply.statusCode as number, events, next, close: () => request.destroy() };
}

test('the page is served on loopback alone, and by nobody kept or framed', async () => {
  const { port, dashboard } = await started();
  expect(dashboard.url).toBe(`http://127.0.0.1:${port}/`);
  const { status, headers, body } = await asked(port);
  expect([status, body]).toEqual([200, '<body><p>one</p>']);
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; connect-src 'self'; frame-ancestors 'none'",
  );
  expect(headers['access-control-allow-origin']).toBeUndefined();
  const head = await asked(port, '/', {}, 'HEAD');
  expect([head.status, head.body]).toEqual([200, '']);
  const elsewhere = connect({ host: '127.0.0.2', port });
  await once(elsewhere, 'error');
});

test.each([
  [421, '/', { Host: 'evil.example' }],
  [421, '/', { Host: 'evil.example:PORT' }],
  [421, '/', { Host: '127.0.0.1' }],
  [421, '/events', { Host: 'localhost.evil.example:PORT' }],
  [421, '/events', { Origin: 'http://evil.example' }],
  [421, '/events', { Origin: 'null' }],
  [421, '/events', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }],
  [200, '/', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }],
  [200, '/', { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' }],
  [200, '/', { Host: 'LOCALHOST:PORT' }],
  [200, '/?x', {}],
  [404, '/results.json', {}],
  [404, '//evil.example/', {}],
])('%s for %s with %j', async (status, path, headers) => {
  const { port } = await started();
  const sent = Object.entries(headers).map(([name, value]) => [
    name,
    value.replace('PORT', `${port}`),
  ]);
  const answer = await asked(port, path, Object.fromEntries(sent));
  expect(answer.status).toBe(status);
  if (status !== 200) expect(answer.body).not.toContain('one');
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
  const { port } = await started();
  const { status, headers } = await asked(port, '/', {}, method);
  expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
});

test('who follows gets the pieces once, and after that those that changed', async () => {
  const { port, name } = await started();
  const page = await follow(port);
  expect(await page.next(1)).toMatchObject({
    event: 'pieces',
    data: {
      order: { chapter: ['same', 'one'] },
      pieces: { same: '<p>same</p>', one: '<p>one</p>' },
    },
  });
  name('two');
  const second = await page.next(3);
  expect(second?.data.pieces).not.toHaveProperty('same');
  expect(page.events.filter(({ data }) => 'two' in (data.pieces as object))).toHaveLength(1);
  page.close();
});

test('where nobody looks nothing is rendered, and many who look cost no more than one', async () => {
  const { port, dashboard } = await started();
  dashboard.show(() => ({ target: 'x', verdict: 'pass' }) as Results);
  expect(rendered).toBe(0);
  await Promise.all(Array.from({ length: 20 }, () => asked(port)));
  expect(rendered).toBe(1);
});

test('more pages than there may be are told to come again', async () => {
  const { port } = await started();
  const pages = await Promise.all(Array.from({ length: 20 }, () => follow(port)));
  expect(pages.map(({ status }) => status)).toEqual(Array(20).fill(200));
  const more = await asked(port, '/events');
  expect([more.status, more.headers['retry-after']]).toEqual([503, '5']);
  for (const page of pages) page.close();
});

test('the page becomes the report, and the server is gone', async () => {
  const { port, dashboard } = await started();
  const page = await follow(port);
  await page.next(1);
  await dashboard.end({ target: 'report', verdict: 'fail' } as Results, 'run/report.html');
  expect(await page.next(2)).toMatchObject({
    event: 'report',
    data: {
      where: 'run/report.html',
      tone: 'bad',
      title: 'report',
      pieces: { report: '<p>report</p>' },
    },
  });
  await expect(asked(port)).rejects.toThrow(/ECONNREFUSED/);
});

test('a page that was just sent is waited for, and gets the report when it follows', async () => {
  const { port, dashboard } = await started();
  await asked(port);
  const ending = dashboard.end({ target: 'report', verdict: 'pass' } as Results, 'x');
  const page = await follow(port);
  expect(await page.next(1)).toMatchObject({ event: 'report', data: { tone: 'good' } });
  await ending;
  await expect(asked(port)).rejects.toThrow(/ECONNREFUSED/);
});

test('where nobody looks the end is not waited for, and costs no page', async () => {
  const { dashboard } = await started();
  await dashboard.end({ target: 'report', verdict: 'pass' } as Results, 'x');
  open.pop();
  expect(rendered).toBe(0);
});

test('before there is anything to show, it is told to ask again', async () => {
  const dashboard = await Dashboard.open(0, render);
  open.push(dashboard);
  expect((await asked(Number(new URL(dashboard.url).port))).status).toBe(503);
});

test('a port that is taken is told with what to do', async () => {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  await expect(Dashboard.open(port, render)).rejects.toMatchObject({
    code: 'dashboard-port',
    exitCode: 2,
  });
  other.close();
});
