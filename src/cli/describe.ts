// A verb's command line as data, from what it declares to commander: completion, man pages and the page of the
// command line are made of this.
import { Command, type Option } from 'commander';
import type { Verbs } from './verb.ts';

/** A flag, as it is typed and as it is told. */
export interface DescribedFlag {
  /** `--client`. */
  readonly long: string;
  /** `-q`, where there is one. */
  readonly short?: string;
  /** As in help: `--client <name>`. */
  readonly written: string;
  /** What stands for its value: `name`, `file`, `dir`; undefined where it takes none. */
  readonly value?: string;
  /** Whether the value may be left out. */
  readonly isOptional: boolean;
  readonly isRepeatable: boolean;
  readonly choices: readonly string[];
  readonly description: string;
  /** What holds where it is not given, unless the description says so. */
  readonly otherwise?: string;
  /** Heading of the flags that it stands among; undefined where a verb has no groups. */
  readonly group?: string;
}

export interface DescribedArgument {
  readonly name: string;
  readonly isRequired: boolean;
  readonly isVariadic: boolean;
  readonly choices: readonly string[];
  readonly description: string;
}

export interface DescribedVerb {
  readonly name: string;
  readonly summary: string;
  /** What follows the verb: `[options] [image...]`. */
  readonly usage: string;
  readonly arguments: readonly DescribedArgument[];
  readonly flags: readonly DescribedFlag[];
  readonly help: DescribedHelp;
}

/** What help says besides usage, arguments and flags. */
export interface DescribedHelp {
  readonly examples: readonly DescribedExample[];
  /** Paragraphs, as written: lines that are indented are a table. */
  readonly notes: readonly string[];
}

export interface DescribedExample {
  /** What is typed after the prompt. */
  readonly command: string;
  /** What it is for, where that is said. */
  readonly about?: string;
}

/** Loads that verb alone. Undefined for a name that is no verb. */
export async function describeVerb(verbs: Verbs, name: string): Promise<DescribedVerb | undefined> {
  const entry = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (entry === undefined) return undefined;
  const command = new Command(name).summary(entry.summary);
  (await entry.load()).declare(command);
  return {
    name,
    summary: entry.summary,
    usage: command.usage(),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      isRequired: argument.required,
      isVariadic: argument.variadic,
      choices: argument.argChoices ?? [],
      description: argument.description,
    })),
    flags: command.createHelp().visibleOptions(command).map(describeFlag),
    help: describeHelp(textAround(command)),
  };
}

/** Of help that was written by hand: its examples, and the paragraphs that are none. */
export function describeHelp(text: string): DescribedHelp {
  const paragraphs = text
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replace(/^\n+/, '').trimEnd())
    .filter((paragraph) => paragraph !== '');
  const isExample = (paragraph: string) => paragraph.startsWith(examplesHead);
  return {
    examples: paragraphs
      .filter(isExample)
      .flatMap((paragraph) => [...paragraph.matchAll(/^ +\$ (.+?)(?: {3,}(\S.*))?$/gm)])
      .map(([, command = '', about]) => ({ command, ...(about !== undefined && { about }) })),
    notes: paragraphs.filter((paragraph) => !isExample(paragraph)),
  };
}

const examplesHead = 'Examples:\n';

/** What help has before and after what commander makes of the declarations. */
function textAround(command: Command): string {
  const written: string[] = [];
  command.configureOutput({ writeOut: (text) => void written.push(text) });
  command.outputHelp();
  const made = command.helpInformation();
  return written.filter((text) => text !== made).join('\n');
}

function describeFlag(option: Option): DescribedFlag {
  const { long, short, flags, required, optional, variadic, argChoices, description } = option;
  const group = option.helpGroupHeading?.replace(/:$/, '');
  const otherwise = otherwiseOf(option);
  const value = /[<[](.+?)(?:\.\.\.)?[>\]]$/.exec(flags)?.[1];
  return {
    long: long ?? short ?? flags,
    ...(long && short && { short }),
    written: flags,
    ...((required || optional) && value !== undefined && { value }),
    // To commander, brackets within what is required make it optional as well.
    isOptional: optional && !required,
    // A list to begin with is what `collect` adds to.
    isRepeatable: variadic || Array.isArray(option.defaultValue),
    choices: argChoices ?? [],
    description,
    ...(otherwise !== undefined && { otherwise }),
    ...(group !== undefined && { group }),
  };
}

function otherwiseOf({ description, defaultValue, defaultValueDescription }: Option) {
  if (/\(default/.test(description)) return undefined;
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  const isPlain = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  return isPlain ? String(defaultValue) : undefined;
}
