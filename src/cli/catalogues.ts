// Everything that has a name: checks, requirements, faults, causes, profiles, rules and kinds, each loaded only when asked for.

/** A row of `list`: its first member is the name. */
export type Entry = Readonly<Record<string, string>>;

export const catalogues: Readonly<Record<string, () => Promise<readonly Entry[]>>> = {
  async checks() {
    const { checks } = await import('../checks/catalogue.ts');
    return checks.map(({ id, level, section, requirement, file, room }) => ({
      id,
      level,
      section,
      requirement,
      file,
      room,
    }));
  },
  async requirements() {
    const { allSections, coverageOf } = await import('../run/requirements.ts');
    return allSections.flatMap(({ section, requirements, file }) =>
      requirements.map((requirement) => ({
        id: requirement.id,
        level: requirement.level,
        section,
        binds: requirement.binds,
        requirement: requirement.says,
        coverage: coverageOf(requirement),
        file,
        room: 'ledger',
      })),
    );
  },
  async faults() {
    const { faults } = await import('../../mocks/faults/index.ts');
    return faults.map(({ id, layer, title, legal, file, room }) => ({
      id,
      layer,
      kind: legal === undefined ? 'fault' : 'oddity',
      title,
      file,
      room,
    }));
  },
  async causes() {
    const { causeRooms, fileOf } = await import('../doctor/causes/index.ts');
    return Object.entries(causeRooms).flatMap(([room, causes]) =>
      causes.map(({ id, who, title }) => ({
        id,
        who,
        title,
        file: fileOf(room),
        room: 'causes',
      })),
    );
  },
  async profiles() {
    const { profiles } = await import('../profiles/index.ts');
    return Object.values(profiles).map(({ name, title }) => ({ name, title }));
  },
  async rules() {
    const { rules } = await import('../validate/index.ts');
    return rules.map(({ id, level, spec, summary, file, room }) => ({
      id,
      level,
      spec,
      summary,
      file,
      room,
    }));
  },
  async kinds() {
    const { formatOf, kinds, schemaFiles } = await import('../validate/index.ts');
    return kinds.map((name) => ({
      name,
      format: formatOf(name),
      schema: name === 'docker-save' ? 'rules in code' : `schemas/${schemaFiles[name]}`,
    }));
  },
};

/** What a catalogue comes to, for those that are worth adding up. */
export const totals: Readonly<Record<string, () => Promise<readonly Entry[]>>> = {
  async requirements() {
    const { requirementTotals } = await import('../run/requirements.ts');
    return requirementTotals().map(({ level, requirements, keywords, by }) => ({
      level,
      requirements: `${requirements}`,
      keywords: `${keywords}`,
      checks: `${by.checks}`,
      rules: `${by.rules}`,
      client: `${by.client}`,
      unobservable: `${by.unobservable}`,
    }));
  },
};
