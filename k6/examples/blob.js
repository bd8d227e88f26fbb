// A blob, hashed while it streams, and the timeline of its requests.
//   k6 run -e URL=https://registry.example/v2/team/app/blobs/sha256:… --out pullproof=timeline.ndjson blob.js
import { check } from 'k6';
import { request } from 'k6/x/pullproof';

export const options = { vus: 1, iterations: 3, thresholds: { checks: ['rate==1'] } };

const digest = __ENV.URL.split('/').pop();
const ask = {
  method: 'GET',
  headers: [['User-Agent', 'xk6-pullproof']],
  want: 'digest',
  algorithm: digest.split(':')[0],
  bodyBytesMax: 1e9,
  phase: 'blob',
};

export default function blob() {
  const wanted = { url: __ENV.URL, ask, hop: 'registry', authorization: '', referer: '' };
  request(wanted, 10_000, (reply) => {
    check(reply, {
      'is there': ({ status }) => status === 200,
      'is what its digest says': (whole) => whole.digest === digest,
    });
  });
}
