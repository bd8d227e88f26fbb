// The certificates of a lab's world, each as it is shown.
import { type Authority, issueFor, makeAuthority, type TlsFiles } from '../../../mocks/http/tls.ts';
import { caName, type Shown } from './plan.ts';

const dayMs = 24 * 3600 * 1000;

export class LabCertificates {
  /** What the client's machine trusts besides its own. */
  readonly root = makeAuthority('Lab Root CA');
  /** Its own certificate is served at `http://ca.test/issuing.crt`; it outlives what the clocks of worlds differ by. */
  readonly between = makeAuthority('Lab Issuing CA', this.root, {
    startMs: Date.now() - 1000 * dayMs,
    days: 2000,
  });
  /** Of an appliance that looks into TLS. */
  readonly inspection = makeAuthority('Corp TLS Inspection CA');
  readonly #made = new Map<string, Pick<TlsFiles, 'cert' | 'key'>>();

  /** Key and served chain, made when they are first asked for. */
  of(name: string, shown: Shown, nowMs: number): Pick<TlsFiles, 'cert' | 'key'> {
    const key = `${shown} ${name}`;
    const made = this.#made.get(key) ?? this.#make(name, shown, nowMs);
    this.#made.set(key, made);
    return made;
  }

  #make(name: string, shown: Shown, nowMs: number): Pick<TlsFiles, 'cert' | 'key'> {
    const { root, inspection } = this;
    const served = (authority: Authority, how: Parameters<typeof issueFor>[2] = {}) => {
      const dates = { startMs: nowMs - dayMs, days: 30 };
      const own = issueFor([name], authority, { subject: name, ...dates, ...how });
      return authority === root ? own : { ...own, cert: own.cert + authority.cert };
    };
    switch (shown) {
      case 'intercepted':
        return served(inspection);
      case 'expired':
        return served(root, { startMs: nowMs - 90 * dayMs, days: 60 });
      case 'not-yet':
        return served(root, { startMs: nowMs + 30 * dayMs });
      case 'without-names':
        return served(root, { isWithoutNames: true });
      case 'wrong-name':
        return issueFor(['elsewhere.test'], root, { subject: 'elsewhere.test' });
      case 'incomplete': {
        const url = `http://${caName}/issuing.crt`;
        return issueFor([name], this.between, { subject: name, issuerUrl: url });
      }
      default:
        return served(this.between);
    }
  }
}
