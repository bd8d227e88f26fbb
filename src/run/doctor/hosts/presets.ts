// Which hosts a pull needs, as far as a dated source says so. Such a list ages within months: each row says who
// said it and when, and `doctor` shows it beside what it sees itself.

export interface DocumentedHost {
  /** A name, or a pattern (host-pattern.ts). */
  readonly host: string;
  readonly serves: 'registry' | 'token' | 'blobs' | 'signatures';
  /** Reference of the text that says so. */
  readonly source: string;
  /** Since when the text says so, or when that was seen, `YYYY-MM[-DD]`; '' where neither is known. */
  readonly date: string;
  /** What is known besides, such as how little the source is worth. */
  readonly note?: string;
}

export interface Preset {
  /** Registries that it is about. */
  readonly title: string;
  readonly hosts: readonly DocumentedHost[];
}

/** The last look at any of these sources. */
export const checkedOn = '2026-10-07';

type Source = Pick<DocumentedHost, 'source' | 'date' | 'note'>;

function hosts(serves: DocumentedHost['serves'], names: string, from: Source): DocumentedHost[] {
  return names.split(' ').map((host) => ({ host, serves, ...from }));
}

const redhatArticle = { source: 'access.redhat.com/node/7001746', date: '2025-04-01' };
const redhatCdn2023 = { ...redhatArticle, date: '2023-05-01' };
const rosaList = { source: 'OpenShift documentation: ROSA firewall prerequisites', date: '' };
const dockerDocs = { source: 'docker/docs#25304', date: '2026-06-08' };
const dockerCdn = {
  source: 'docker/docs#25108, #25122',
  date: '2026-05-20',
  note: 'which store serves is chosen by request, place and plan; Cloudflare names left the page on 2026-06-08',
};
const dockerS3 = { source: 'archestra-ai/archestra#6473', date: '2026-07-09' };
const awsBucket = {
  source: 'AWS documentation: ECR, minimum Amazon S3 bucket permissions',
  date: '',
};
const eksAnywhere = { source: 'EKS Anywhere documentation', date: checkedOn };
const azureEndpoints = {
  source: 'learn.microsoft.com: ACR endpoint reference, firewall rules',
  date: '',
  note: 'az acr show-endpoints lists those of one registry',
};
const mcrGuidance = {
  source: 'microsoft/containerregistry docs/mcr-endpoints-guidance.md',
  date: '',
};
const garWeak = {
  source: 'third-party code',
  date: '',
  note: 'no text of Google lists hosts; blobs come from the registry itself, as far as was seen',
};
const ghcrThread = { source: 'containerd/containerd#9846', date: '2024' };
const k8sReadme = {
  source: 'kubernetes/registry.k8s.io README, #127, #256, #291',
  date: '',
  note: 'its maintainers give no list, for ever: what serves is chosen by address, and may change any day',
};
const k8sCdn = { ...k8sReadme, source: 'kubernetes/registry.k8s.io#328', date: '2026-07-29' };

export const presets = {
  redhat: {
    title: 'registry.redhat.io, registry.access.redhat.com and quay.io',
    hosts: [
      ...hosts('registry', 'registry.redhat.io registry.access.redhat.com quay.io', redhatArticle),
      ...hosts('token', 'sso.redhat.com', redhatArticle),
      ...hosts('signatures', 'access.redhat.com', redhatArticle),
      ...hosts('blobs', 'cdn.quay.io cdn01.quay.io cdn02.quay.io cdn03.quay.io', redhatCdn2023),
      ...hosts('blobs', 'cdn04.quay.io cdn05.quay.io cdn06.quay.io', redhatArticle),
      ...hosts('blobs', 'quay-registry.s3.amazonaws.com', rosaList),
      ...hosts('blobs', 'quayio-production-s3.s3.amazonaws.com', rosaList),
    ],
  },
  dockerhub: {
    title: 'Docker Hub',
    hosts: [
      ...hosts('registry', 'registry-1.docker.io', dockerDocs),
      ...hosts('token', 'auth.docker.io', dockerDocs),
      ...hosts('blobs', 'production.cloudfront.docker.com', dockerCdn),
      ...hosts('blobs', 'docker-images-prod.s3.dualstack.us-east-1.amazonaws.com', dockerS3),
    ],
  },
  ecr: {
    title: 'Amazon ECR, private and public',
    hosts: [
      ...hosts('registry', '*.dkr.ecr.*.amazonaws.com', awsBucket),
      ...hosts('token', 'api.ecr.*.amazonaws.com', awsBucket),
      ...hosts('blobs', 'prod-*-starport-layer-bucket.s3.*.amazonaws.com', awsBucket),
      ...hosts('registry', 'public.ecr.aws', eksAnywhere),
      ...hosts('blobs', 'd2glxqk2uabbnd.cloudfront.net', eksAnywhere),
      ...hosts('blobs', 'd5l0dvt14r5h8.cloudfront.net', {
        ...eksAnywhere,
        note: 'of its packages',
      }),
    ],
  },
  acr: {
    title: 'Azure Container Registry and mcr.microsoft.com',
    hosts: [
      ...hosts('registry', '*.azurecr.io *.*.geo.azurecr.io', azureEndpoints),
      ...hosts('blobs', '*.*.data.azurecr.io *.blob.core.windows.net', azureEndpoints),
      ...hosts('registry', 'mcr.microsoft.com', mcrGuidance),
      ...hosts('blobs', '*.data.mcr.microsoft.com', mcrGuidance),
    ],
  },
  gar: {
    title: 'Google Artifact Registry and gcr.io',
    hosts: [
      ...hosts('registry', '*-docker.pkg.dev gcr.io *.gcr.io', garWeak),
      ...hosts('blobs', '*-docker.pkg.dev storage.googleapis.com', garWeak),
    ],
  },
  ghcr: {
    title: 'GitHub Container Registry',
    hosts: [
      ...hosts('registry', 'ghcr.io', ghcrThread),
      ...hosts('blobs', 'pkg-containers.githubusercontent.com', ghcrThread),
    ],
  },
  k8s: {
    title: 'registry.k8s.io',
    hosts: [
      ...hosts('registry', 'registry.k8s.io *-docker.pkg.dev', k8sReadme),
      ...hosts('blobs', 'prod-registry-k8s-io-*.s3.dualstack.*.amazonaws.com', k8sReadme),
      ...hosts('blobs', 'cdn.registry.k8s.io d1be1w964nk82h.cloudfront.net', k8sCdn),
    ],
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;
