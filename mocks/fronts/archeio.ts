// archeio, the front of registry.k8s.io (kubernetes/registry.k8s.io, cmd/archeio/internal/app/handlers.go): all but
// /v2/ itself is sent on to a registry elsewhere by 307, by the path alone.
import type { HeaderLine } from '../../src/protocol/talk.ts';
import { emptyReply, type Reply, textReply } from '../call.ts';
import type { Front, FrontScene } from './front.ts';

const plain: HeaderLine = ['Content-Type', 'text/plain; charset=utf-8'];
const html: HeaderLine = ['Content-Type', 'text/html; charset=utf-8'];

export const archeio: Front = {
  auth: 'none',
  isRedirector: true,
  answer({ call: { method, path }, route, site }: FrontScene): Reply {
    if (method !== 'GET' && method !== 'HEAD') {
      return textReply(405, 'Only GET and HEAD are allowed.\n', [plain]);
    }
    if (route.endpoint === 'ping') {
      return emptyReply(200, [['Docker-Distribution-Api-Version', 'registry/2.0']]);
    }
    if (route.endpoint === 'catalog') return textReply(404, '_catalog is not supported\n', [plain]);
    if (route.endpoint === 'foreign') return textReply(404, '404 page not found\n', [plain]);
    // path.Join of the path: neither its last slash nor the query goes along.
    const location = site.origins.cdn + path.replace(/\/{2,}/g, '/').replace(/\/$/, '');
    const text = `<a href="${location}">Temporary Redirect</a>.\n\n`;
    return textReply(307, text, [html, ['Location', location]]);
  },
};
