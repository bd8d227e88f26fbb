// Where a scenario finds its plan: in a file, which `pullproof load` lets nobody else read; beside a bundled scenario, as
// `load --k8s` leaves it, with its credentials in variables that a Secret fills; or in the environment.
import {
  type K6Plan,
  passwordVariable,
  planFileVariable,
  planVariable,
  usernameVariable,
} from './plan.ts';

/** @throws Error when there is none */
export function readK6Plan(): K6Plan {
  const text: string | undefined = __ENV[planVariable];
  if (text !== undefined) return JSON.parse(text);
  const file: string | undefined = __ENV[planFileVariable];
  if (file === undefined)
    throw new Error(`no ${planVariable} in the environment: run \`pullproof load\``);
  return withLogins(JSON.parse(open(file)));
}

/** k6-operator looks at a scenario first where there are no secrets: a missing one is no error yet. */
function withLogins(plan: K6Plan): K6Plan {
  const { loginsInEnvironment, push } = plan;
  if (loginsInEnvironment === undefined) return plan;
  const logins = Array.from({ length: loginsInEnvironment }, (_, at) => {
    const username = __ENV[usernameVariable(at)] ?? '';
    const password = __ENV[passwordVariable(at)] ?? '';
    // As credential helpers write it.
    const isToken = username === '<token>';
    return isToken
      ? { username: '', password: '', identityToken: password }
      : { username, password };
  });
  const login = push?.login;
  if (push === undefined || login === undefined) return { ...plan, logins };
  return { ...plan, logins, push: { ...push, credentials: logins[login] } };
}
