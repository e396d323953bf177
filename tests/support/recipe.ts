import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster/cluster.ts';

/** A recipe of two sides with these layers. */
export function recipeOf(layers: string): string {
  return `
title: t
sides:
  - { id: v1, label: one, short: one, colour: amber }
  - { id: v2, label: two, short: two, colour: teal }
recording: { namespace: netflow-test, redactions: [] }
layers:
${layers}`;
}

/** A recipe of one layer that changes the cluster and puts it back, so that a recording takes a second or two. */
export function smallRecipe(captures: string): string {
  return recipeOf(`  - id: l6
    title: L
    summary: s
    expect: only-v1
    setup:
      - run: >-
          kubectl -n {{namespace}} patch svc nginx -p '{"spec":{"externalTrafficPolicy":"Local"}}'
    restore:
      - run: kubectl -n {{namespace}} scale deploy/nginx --replicas=3
      - run: >-
          kubectl -n {{namespace}} patch svc nginx -p '{"spec":{"externalTrafficPolicy":"Cluster"}}'
    captures:
${captures}`);
}

/** One capture of it; `more` is a line of its V1 side. */
export function smallCapture(id: string, format: string, command: string, more = '', before = ''): string {
  return `
      - id: ${id}
        title: ${id}
        format: ${format}
        ${before}
        v1:
          command: ${JSON.stringify(command)}
          ${more}
`;
}

/** A folder for PATH in which gcloud looks absent, which saves a second per recording. */
export function withoutGcloud(root: string): string {
  const bin = join(root, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'gcloud'), '#!/bin/sh\nexit 127\n');
  chmodSync(join(bin, 'gcloud'), 0o755);
  return `${bin}:${process.env.PATH}`;
}

/** Whether nothing of a recording is left in the cluster. */
export async function leftInCluster(cluster: Cluster): Promise<string[]> {
  return (await cluster.control()).objects.filter((name) => /netflow-test/.test(name));
}
