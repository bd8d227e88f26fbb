import { expect, test } from 'vitest';
import { Redactor } from '../../drivers/redact.ts';
import { cleanText } from './clean-log.ts';
import { readTold } from './result/told.ts';

const redactor = new Redactor();
redactor.add('hunter2-secret');

test('secrets within JSON within JSON are taken out, and all else can be read', () => {
  const body = JSON.stringify({
    token: 'a-token-of-theirs',
    errors: [{ message: 'hunter2-secret' }],
  });
  const told = {
    pullFailure: 'bad-token',
    ...{ class: 'bad-token', hop: 'token', host: 'auth:1', status: '200', phase: 'token' },
    message: `GET http://auth:1/token: ${body}`,
    evidence: {
      authorization: 'Basic',
      body,
      url: 'http://u:p@h/x',
      bytes: 7,
      reference: 'latest',
    },
  };
  const line = JSON.stringify({ level: 'error', msg: JSON.stringify(told), source: 'console' });
  const plain =
    '{"level":"warning","error":"Get \\"http://h/x?X-Amz-Signature=abcdef012345\\": EOF"}';
  const log = cleanText(`${line}\n${plain}\nno JSON, hunter2-secret\n`, redactor);
  for (const secret of ['a-token-of-theirs', 'hunter2-secret', 'abcdef012345', 'u:p@']) {
    expect(log).not.toContain(secret);
  }
  const lines = log.split('\n');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', source: 'console' });
  expect(lines).toHaveLength(4);
  const kind = { class: 'bad-token', hop: 'token', host: 'auth:1', status: 200 };
  const read = readTold(log).pullFailure.of(kind);
  expect(read?.evidence).toMatchObject({ authorization: 'Basic', bytes: 7, reference: 'latest' });
  expect(read?.evidence?.body).toContain('errors');
});
