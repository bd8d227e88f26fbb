// Which credentials a client on this host would show to a registry, and where they are written: its files in its
// order, its keys, its helpers (lookup-rules.ts). What is wrong on the way is data, and so is what was looked at.
import type { Credentials } from '../../protocol/client.ts';
import { loadRegistriesConf } from '../containers/load.ts';
import { containersRules } from '../containers/rules.ts';
import { asDaemon, type HostView } from '../host-view.ts';
import { existsOn } from '../read-file.ts';
import type { AccessFlags } from '../resolve.ts';
import type { ConfigProblem, FoundCredentials, Looked, Written } from '../route.ts';
import { type AuthDocument, besideAuths, type NotAuth, readAuthDocument } from './auth-document.ts';
import { endOf, readEntry } from './entries.ts';
import { askHelper } from './helper.ts';
import { keyRules, shownKey, type Wanted } from './keys.ts';
import { type LookupRules, lookupRulesOf, type Place } from './lookup-rules.ts';
import { notesOf } from './notes.ts';
import { fillIn, readSpot, type Spot, spotsOf } from './places.ts';
import * as problems from './problems.ts';
import { fromPullSecret } from './pull-secret.ts';

/** What a file says of an image. */
interface Answer {
  readonly credentials?: Credentials;
  readonly key?: string;
  readonly written?: Written;
  readonly helper?: string;
  /** It could not be asked, or failed. */
  readonly isBroken?: true;
  /** The client looks no further. */
  readonly isLast: boolean;
}

/** A file as it was read, for the notes on what was not found. */
export interface ReadSpot {
  readonly spot: Spot;
  readonly document: AuthDocument;
}

const namesMax = 50;

/**
 * Credentials for a repository as the client of this profile finds them on that host. Never throws for what files
 * say: `problems` tells it, `isFatal` where the client would end.
 */
export async function findCredentials(
  wanted: Wanted,
  client: string,
  host: HostView,
  flags: AccessFlags,
): Promise<FoundCredentials> {
  return await credentialFinder(client, host, flags)(wanted);
}

export type FindCredentials = (wanted: Wanted) => Promise<FoundCredentials>;

/** For a place where an image may be had; `named`: as its full name says. */
export type FindCredentialsAt = (place: Wanted, named: Wanted) => Promise<FoundCredentials>;

/** What each place of an image is shown: mirrors and other locations may not see what is for the registry. */
export function placedCredentials(
  client: string,
  host: HostView,
  flags: AccessFlags,
): FindCredentialsAt {
  const { elsewhere, pullSecrets } = lookupRulesOf(client);
  const find = credentialFinder(client, host, flags);
  const unnamed = { ...flags, username: undefined, password: undefined };
  const findElsewhere =
    elsewhere === 'as by cri-o'
      ? credentialFinder('cri-o', host, { ...unnamed, pullSecret: undefined })
      : credentialFinder(client, host, unnamed);
  return async (place, named) => {
    if (elsewhere === 'as the registry') return await find(named);
    if (place.registry === named.registry) return await find(pullSecrets ? named : place);
    if (elsewhere === 'nothing') return { looked: [], problems: [] };
    return await findElsewhere(place);
  };
}

/** The same for many repositories; which helpers registries.conf names is read once. */
export function credentialFinder(
  client: string,
  host: HostView,
  flags: AccessFlags,
): FindCredentials {
  let helpers: Promise<readonly Helper[]> | undefined;
  const helpersOnce = () => {
    helpers ??= helpersOf(client, host);
    return helpers;
  };
  return async ({ registry, repository }) => {
    const found = await findIn({ registry, repository }, client, host, flags, helpersOnce);
    const { realms = [] } = flags;
    if (found.credentials === undefined || realms.length === 0) return found;
    return { ...found, credentials: { ...found.credentials, realms } };
  };
}

async function findIn(
  wanted: Wanted,
  client: string,
  host: HostView,
  flags: AccessFlags,
  helpers: () => Promise<readonly Helper[]>,
): Promise<FoundCredentials> {
  const { username, password = '', pullSecret } = flags;
  if (username !== undefined) {
    const written = { in: '--username', line: 0 };
    return { credentials: { username, password }, written, looked: [], problems: [] };
  }
  const rules = lookupRulesOf(client);
  if (pullSecret !== undefined) {
    const found = await fromPullSecret(pullSecret, wanted);
    if (found.credentials !== undefined || rules.pullSecrets === undefined) return finish(found);
    const more = await new Lookup(rules, wanted, host, flags).run();
    const both = [...found.problems, ...more.problems];
    return finish({ ...more, looked: [...found.looked, ...more.looked], problems: both });
  }
  return finish(await lookInOrder(rules, wanted, host, flags, await helpers()));
}

/** Stands for the auth files among the helpers of registries.conf, and is the only one by default. */
const authFiles = 'containers-auth.json';

/** As registries.conf names it; without a place, the default. */
interface Helper {
  readonly text: string;
  readonly written?: Written;
}

/** `credential-helpers` of registries.conf, where this client reads that. */
async function helpersOf(client: string, host: HostView): Promise<readonly Helper[]> {
  const containers = containersRules(client);
  if (containers === undefined) return [{ text: authFiles }];
  const view = lookupRulesOf(client).as === 'root' ? asDaemon(host) : host;
  const { conf } = await loadRegistriesConf(view, containers);
  return conf.credentialHelpers ?? [{ text: authFiles }];
}

/** Each is asked until one has something, whatever those before it met. */
async function lookInOrder(
  rules: LookupRules,
  wanted: Wanted,
  host: HostView,
  flags: AccessFlags,
  helpers: readonly Helper[],
): Promise<FoundCredentials> {
  const looked: Looked[] = [];
  const met: ConfigProblem[] = [];
  for (const { text: helper, written } of helpers) {
    const found =
      helper === authFiles || written === undefined
        ? await new Lookup(rules, wanted, host, flags).run()
        : await ofHelper(helper, written, wanted, host);
    looked.push(...found.looked);
    const passed = met.map((it) => ({ ...it, isFatal: false }));
    if (found.credentials !== undefined) {
      return { ...found, looked, problems: [...passed, ...found.problems] };
    }
    met.push(...found.problems);
  }
  return { looked, problems: met };
}

async function ofHelper(
  helper: string,
  written: Written,
  { registry }: Wanted,
  host: HostView,
): Promise<FoundCredentials> {
  const answer = await askHelper(helper, registry, host);
  if ('none' in answer) return { looked: [], problems: [] };
  if ('fault' in answer) {
    const { fault: id, message, hint } = answer;
    const isFatal = id !== 'helper-not-asked';
    return { looked: [], problems: [{ id, written, message, hint, isFatal }] };
  }
  const key = 'credential-helpers';
  return { credentials: answer.credentials, key, written, helper, looked: [], problems: [] };
}

function finish(found: FoundCredentials): FoundCredentials {
  if (found.credentials === undefined) return found;
  const notes = /[\r\n]$/.test(found.credentials.password) ? [problems.lineEnd(found)] : [];
  const endsMs = endOf(found.credentials);
  if (endsMs !== undefined && endsMs <= Date.now()) notes.push(problems.expired(found, endsMs));
  const all = [...found.problems, ...notes];
  return { ...found, ...(endsMs !== undefined && { endsMs }), problems: all };
}

class Lookup {
  readonly #rules: LookupRules;
  readonly #wanted: Wanted;
  readonly #host: HostView;
  readonly #flags: AccessFlags;
  readonly #looked: Looked[] = [];
  readonly #problems: ConfigProblem[] = [];
  readonly #read: ReadSpot[] = [];
  #found: Answer | undefined;
  #isOver = false;

  constructor(rules: LookupRules, wanted: Wanted, host: HostView, flags: AccessFlags) {
    this.#rules = rules;
    this.#wanted = wanted;
    this.#host = rules.as === 'root' ? asDaemon(host) : host;
    this.#flags = flags;
  }

  async run(): Promise<FoundCredentials> {
    const { read, passedOver } = spotsOf(this.#rules, this.#host, this.#flags);
    this.#lookAtRuntimeFolder();
    for (const spot of read) {
      const isIdle = spot.place.needsFile === true && !read.some((it) => this.#isFile(it));
      if (this.#isOver || isIdle) await this.#passOver(spot);
      else await this.#look(spot);
    }
    for (const spot of passedOver) await this.#passOver(spot);
    const { credentials, key, written, helper } = this.#found ?? {};
    const found = {
      ...(credentials !== undefined && { credentials }),
      ...(key !== undefined && { key }),
      ...(written !== undefined && { written }),
      ...(helper !== undefined && { helper }),
      looked: this.#looked,
      problems: this.#problems,
    };
    if (credentials !== undefined) return found;
    const situation = { rules: this.#rules, wanted: this.#wanted, host: this.#host };
    const notes = await notesOf(situation, this.#read, this.#looked);
    return { ...found, problems: [...this.#problems, ...notes] };
  }

  #isFile({ path, place }: Spot): boolean {
    if (place.form === 'text') return false;
    return existsOn(this.#host, path) || this.#isAsIfEmpty(place);
  }

  #isAsIfEmpty({ emptyIf }: Place): boolean {
    if (emptyIf === undefined) return false;
    return fillIn([{ path: emptyIf }], this.#host).some(({ path }) => existsOn(this.#host, path));
  }

  async #look(spot: Spot): Promise<void> {
    const file = await readSpot(spot, this.#host);
    if ('state' in file) {
      const isMissed = spot.isChosen && file.state === 'absent';
      if (isMissed || file.state === 'unreadable') {
        const isFatal = this.#isFatal(spot, file.state);
        this.#problems.push(problems.notRead(spot, file.why, file.state, isFatal));
        this.#isOver ||= isFatal;
      }
      this.#looked.push({ path: spot.path, state: file.state });
      this.#isOver ||= this.#isAsIfEmpty(spot.place);
      return;
    }
    const isNothing = file.text.trim() === '' && this.#rules.keys !== 'containers';
    const { exactNames } = this.#rules;
    const text = isNothing ? '{}' : file.text;
    const document = readAuthDocument(text, spot.place.form, exactNames);
    const { form, authsAlone } = spot.place;
    const more = authsAlone === true ? besideAuths(text) : undefined;
    const bad = 'problem' in document ? document : (more ?? this.#badEntry(document));
    if (bad !== undefined) {
      const isFatal = (this.#rules.endsAtFile && form !== 'text') || this.#isOurs(spot);
      this.#problems.push(problems.malformed(spot, bad, isFatal));
      this.#looked.push({ path: spot.path, state: 'invalid' });
      this.#isOver ||= isFatal;
      return;
    }
    await this.#ask(spot, document as AuthDocument);
  }

  async #ask(spot: Spot, document: AuthDocument): Promise<void> {
    this.#read.push({ spot, document });
    const answer = await this.#answerOf(spot, document);
    const holds = namesIn(document);
    const state = answer?.key === undefined ? 'no match' : 'used';
    this.#looked.push({ path: spot.path, state, ...(holds.length > 0 && { holds }) });
    if (answer !== undefined && (answer.credentials !== undefined || answer.isLast)) {
      this.#found = answer;
    }
    const isOnlyFile = !this.#rules.goesOn && spot.place.form !== 'text';
    this.#isOver ||= isOnlyFile || answer?.isLast === true;
  }

  async #passOver(spot: Spot): Promise<void> {
    if (spot.place.form === 'text') return;
    const file = await readSpot(spot, this.#host);
    if ('state' in file) {
      const state = file.state === 'absent' ? 'absent' : 'passed over';
      this.#looked.push({ path: spot.path, state });
      return;
    }
    const document = readAuthDocument(file.text, spot.place.form);
    const holds = 'problem' in document ? [] : namesIn(document);
    this.#looked.push({
      path: spot.path,
      state: 'passed over',
      ...(holds.length > 0 && { holds }),
    });
  }

  /** Helpers, then entries, for each name that this client asks for. */
  async #answerOf(spot: Spot, document: AuthDocument): Promise<Answer | undefined> {
    const rules = this.#rules;
    const keys = [...document.auths.keys()];
    let nothing: Answer | undefined;
    for (const server of keyRules[rules.keys].servers(this.#wanted)) {
      const byHelper = await this.#byHelper(spot, document, server);
      if (byHelper?.credentials !== undefined || byHelper?.isLast) return byHelper;
      nothing ??= byHelper;
      const isPassed = byHelper?.isBroken === true || rules.pastHelper === 'always';
      if (byHelper !== undefined && !isPassed) continue;
      const isOld = spot.place.form === 'dockercfg';
      const key =
        spot.place.form === 'text' && rules.keys !== 'regclient'
          ? keys.find((it) => it === server)
          : keyRules[rules.keys].find(keys, this.#wanted, server, isOld);
      if (key === undefined) continue;
      const answer = this.#byEntry(spot, document, key);
      if (answer.credentials !== undefined || answer.isLast) return answer;
      nothing ??= answer;
    }
    return nothing;
  }

  #byEntry(spot: Spot, document: AuthDocument, key: string): Answer {
    const read = readEntry(document.auths.get(key) ?? {}, this.#rules);
    const written = { in: spot.path, line: document.lineOfEntry(key) };
    if ('credentials' in read) return { credentials: read.credentials, key, written, isLast: true };
    const isEmpty = 'empty' in read;
    const ends = !isEmpty && (this.#rules.badAuth === 'ends' || this.#isOurs(spot));
    if (read.problem !== undefined) {
      const isFatal = ends || this.#isOurs(spot);
      this.#problems.push(problems.badAuth(written, key, read.problem, isFatal));
    } else {
      this.#problems.push(problems.emptyEntry(written, key, this.#isOurs(spot)));
    }
    return { key, written, isLast: ends };
  }

  async #byHelper(spot: Spot, document: AuthDocument, server: string): Promise<Answer | undefined> {
    const { helpers, store, endsAtHelper, pastHelper } = this.#rules;
    if (!helpers || spot.place.form === 'text') return undefined;
    const own = document.credHelpers.get(server);
    const helper = own ?? (store && document.credsStore !== '' ? document.credsStore : undefined);
    if (helper === undefined || helper === '') return undefined;
    const key = own === undefined ? 'credsStore' : server;
    const line = own === undefined ? document.lineOfStore() : document.lineOfHelper(server);
    const written = { in: spot.path, line };
    const answer = await askHelper(helper, server, this.#host);
    if ('fault' in answer) {
      const isAsked = answer.fault !== 'helper-not-asked';
      const isFatal = (endsAtHelper || this.#isOurs(spot)) && isAsked;
      this.#problems.push({
        id: answer.fault,
        written,
        message: answer.message,
        hint: answer.hint,
        isFatal,
      });
      return { key, written, helper, isBroken: true, isLast: pastHelper === undefined };
    }
    const found = { key, written, helper };
    if ('none' in answer) return { ...found, isLast: false };
    return { ...found, credentials: answer.credentials, isLast: true };
  }

  /** Docker's and kubelet's decode all entries when they read a file. */
  #badEntry(document: AuthDocument): NotAuth | undefined {
    if (this.#rules.badAuth !== 'file') return undefined;
    for (const [key, entry] of document.auths) {
      const read = readEntry(entry, this.#rules);
      if (!('problem' in read) || read.problem === undefined) continue;
      const problem = `has an "auth" for ${shownKey(key)} that ${read.problem}`;
      return { problem, line: document.lineOfEntry(key) };
    }
    return undefined;
  }

  #isFatal(spot: Spot, state: 'absent' | 'unreadable'): boolean {
    if (this.#isOurs(spot)) return true;
    if (state === 'absent') return this.#rules.chosenExists;
    // What a daemon may read, we may not.
    return this.#rules.endsAtFile && this.#rules.as === undefined;
  }

  /** Who names a file by a flag means it. */
  #isOurs(spot: Spot): boolean {
    return spot.isOurs;
  }

  #lookAtRuntimeFolder(): void {
    const note = problems.runtimeFolder(this.#host, this.#rules);
    if (note !== undefined) this.#problems.push(note);
  }
}

/** How a daemon of the system sees this host. */
function namesIn({ auths, credHelpers, credsStore }: AuthDocument): string[] {
  const store = credsStore === '' ? [] : ['credsStore'];
  return [...new Set([...auths.keys(), ...credHelpers.keys(), ...store])]
    .slice(0, namesMax)
    .map(shownKey);
}
