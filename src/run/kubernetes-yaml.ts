// Documents for kubectl. It reads words of YAML 1.1: a bare `on` is true there, `no` false, and 1_000 a number.
import { stringify } from 'yaml';

export function kubernetesYaml(document: unknown): string {
  return stringify(document, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 });
}
