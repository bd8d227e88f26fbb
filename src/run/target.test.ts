import { describe, expect, test } from 'vitest';
import { UserError } from '../lib/user-error.ts';
import { parseImage, splitScheme } from './target.ts';

const digest = `sha256:${'0'.repeat(64)}`;

describe('parseImage', () => {
  test.each([
    ['registry.example/app', false, 'https://registry.example', 'app', 'latest'],
    ['registry.example/team/app:1.2', false, 'https://registry.example', 'team/app', '1.2'],
    ['127.0.0.1:5000/app', true, 'http://127.0.0.1:5000', 'app', 'latest'],
    ['http://127.0.0.1:5000/app', false, 'http://127.0.0.1:5000', 'app', 'latest'],
    ['HTTPS://registry.example/app', true, 'https://registry.example', 'app', 'latest'],
    [`registry.example/app@${digest}`, false, 'https://registry.example', 'app', digest],
    [`registry.example/app:1@${digest}`, false, 'https://registry.example', 'app', digest],
    ['docker.io/library/app', false, 'https://docker.io', 'library/app', 'latest'],
  ])('%s (--plain-http: %s)', (text, plainHttp, registryUrl, repository, reference) => {
    expect(parseImage(text, plainHttp)).toMatchObject({ registryUrl, repository, reference });
  });

  test('text is what the user wrote, without scheme', () => {
    expect(parseImage('http://h:1/app:2', false).text).toBe('h:1/app:2');
  });

  test.each(['app', 'app:1', 'library/app', '', 'h:1/', 'h:1/APP', 'h:1/app:', 'h:1/app@sha256:0'])(
    '%j is refused with exit code 2',
    (text) => {
      expect(() => parseImage(text, false)).toThrow(UserError);
      expect(() => parseImage(text, false)).toThrow(expect.objectContaining({ exitCode: 2 }));
    },
  );

  test.each(['http://user:hunter22@h:1/app', 'user:hunter22@h:1/app', 'user:hunter22@h'])(
    'a message about %s holds no password',
    (text) => {
      const refused = expect.objectContaining({
        code: 'target-credentials',
        message: expect.not.stringContaining('hunter22'),
        hint: expect.not.stringContaining('hunter22'),
      });
      expect(() => splitScheme(text, false)).toThrow(refused);
    },
  );
});

test('splitScheme', () => {
  expect(splitScheme('http://h:1/', false)).toEqual({ scheme: 'http', rest: 'h:1' });
  expect(splitScheme('h:1', true)).toEqual({ scheme: 'http', rest: 'h:1' });
  expect(splitScheme('h:1', false)).toEqual({ scheme: 'https', rest: 'h:1' });
  expect(splitScheme(`app@${digest}`, false).rest).toBe(`app@${digest}`);
});
