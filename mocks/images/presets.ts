// Sets of images by name, in the form in which users describe their own (spec.ts). `small` is small.ts.

/** YAML by name. */
export const presets: Readonly<Record<string, string>> = {
  // A company's registry: services and jobs on common bases, some for two platforms, some old.
  typical: `
images:
  - repository: services/app-{n}
    repositories: 16
    tags: [latest, "1.0", "1.1"]
    platforms: [linux/amd64, linux/arm64]
    layers: { min: 6, max: 14 }
    layerSize: { lognormal: { median: 3MB, sigma: 1.6, max: 200MB } }
    shared: { layers: 4, stacks: 3, name: debian }
  - repository: jobs/worker-{n}
    repositories: 8
    tag: build-{n}
    tags: 5
    layers: { min: 8, max: 20 }
    layerSize: { lognormal: { median: 5MB, sigma: 1.8, max: 400MB } }
    shared: { share: 0.6, stacks: 2, name: python }
  - repository: tools/static-{n}
    repositories: 6
    tags: [latest]
    platforms: [linux/amd64, linux/arm64, linux/arm/v7]
    layers: { min: 1, max: 3 }
    layerSize: { uniform: { min: 500KB, max: 25MB } }
  - repository: legacy/app-{n}
    repositories: 4
    tags: [latest, stable]
    images: 1
    format: docker
    layers: { min: 5, max: 9 }
    layerSize: { lognormal: { median: 8MB, sigma: 1.2, max: 150MB } }
    shared: { layers: 2 }
`,
  // Machine learning and its like: 10 GB in one image, three of about 1 GB.
  large: `
images:
  - repository: ml/model
    tags: ["10gb"]
    layers: 9
    layerSize: { list: [30MB, 200MB, 900MB, 2.5GB, 60MB, 4KB, 2.5GB, 2.5GB, 1310MB] }
  - repository: ml/runtime-{n}
    repositories: 3
    tags: [latest]
    layers: 7
    layerSize: { list: [30MB, 200MB, 450MB, 60MB, 200MB, 4KB, 56MB] }
    shared: { layers: 3 }
`,
  // What continuous integration leaves behind.
  many: `
images:
  - repository: ci/app
    tag: build-{n}
    tags: 10000
    layers: 3
    layerSize: { uniform: { min: 4KiB, max: 24KiB } }
    shared: { layers: 2 }
`,
};
