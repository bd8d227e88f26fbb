// Which hosts a pull needs, as far as a dated source says so. Such a list ages within months: each row says who
// said it and when, and `doctor` shows it beside what it sees itself.

export interface DocumentedHost {
  /** A name, or a pattern (host-pattern.ts). */
  readonly host: string;
  readonly serves: 'registry' | 'token' | 'blobs' | 'signatures';
  /** Reference of the text that says so. */
  readonly source: string;
  /** Of the text, or when it was read, `YYYY-MM[-DD]`. */
  readonly date: string;
  /** What is known besides, such as how little the source is worth. */
  readonly note?: string;
}

export interface Preset {
  /** Registries that it is about. */
  readonly title: string;
  readonly hosts: readonly DocumentedHost[];
}

/** When the whole table was last held against its sources. */
export const checkedOn = '2026-10-07';

type Source = Pick<DocumentedHost, 'source' | 'date' | 'note'>;

function hosts(serves: DocumentedHost['serves'], names: string, from: Source): DocumentedHost[] {
  return names.split(' ').map((host) => ({ host, serves, ...from }));
}

const redhatArticle = { source: 'access.redhat.com/node/7001746', date: '2025-04-01' };
const redhatCdn2023 = { ...redhatArticle, date: '2023-05-01' };
const rosaList = { source: 'OpenShift ROSA firewall prerequisites', date: checkedOn };
const dockerDocs = { source: 'docker/docs#25304', date: '2026-06-08' };
const dockerCdn = {
  source: 'docker/docs#25122',
  date: '2026-05-20',
  note: 'chosen by request, place and plan; Cloudflare names left the page in 2026-06',
};
const dockerS3 = { source: 'archestra-ai/archestra#6473', date: '2026-10-07' };
const awsBucket = { source: 'AWS: ECR minimum S3 bucket permissions', date: checkedOn };
const awsEcr = { source: 'AWS: ECR endpoints', date: checkedOn };
const eksAnywhere = { source: 'EKS Anywhere: egress requirements', date: '2026-10-07' };
const azureEndpoints = {
  source: 'learn.microsoft.com: ACR endpoint reference',
  date: checkedOn,
  note: 'az acr show-endpoints lists those of one registry',
};
const mcrGuidance = {
  source: 'microsoft/containerregistry mcr-endpoints-guidance',
  date: checkedOn,
};
const weak = 'no text of the vendor lists it';
const garSeen = { source: 'google Artifact Registry, as seen', date: checkedOn, note: weak };
const ghcrThread = { source: 'containerd/containerd#9846', date: '2024-02' };
const k8sCdn = {
  source: 'kubernetes/registry.k8s.io#328',
  date: '2026-07-29',
  note: 'its maintainers give no list, for ever: what serves is chosen by address and may change any day',
};
const k8sFastly = { ...k8sCdn, source: 'kubernetes/k8s.io#9843', date: '2026-08' };
const k8sReadme = { ...k8sCdn, source: 'kubernetes/registry.k8s.io README', date: checkedOn };

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
      ...hosts('blobs', '*.cloudfront.net', dockerCdn),
      ...hosts('blobs', 'docker-images-prod.s3.dualstack.us-east-1.amazonaws.com', dockerS3),
    ],
  },
  ecr: {
    title: 'Amazon ECR, private and public',
    hosts: [
      ...hosts('registry', '*.dkr.ecr.*.amazonaws.com', awsEcr),
      ...hosts('token', 'api.ecr.*.amazonaws.com', awsEcr),
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
      ...hosts('registry', '*-docker.pkg.dev gcr.io *.gcr.io', garSeen),
      ...hosts('blobs', '*-docker.pkg.dev storage.googleapis.com', garSeen),
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
      ...hosts('blobs', '*.fastly.net', k8sFastly),
    ],
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;
