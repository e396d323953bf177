import * as z from 'zod';
import { commandFailure, outcomeCause, StopError } from './failure.ts';
import type { Run } from './process.ts';

/*
 * The parts of Kubernetes and Google Cloud objects the recorder looks at. Everything is optional that a cluster may
 * leave out; what is there must have the right type, because the rest of the recorder relies on it.
 */
const metadata = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  deletionTimestamp: z.string().optional(),
});

export const podList = z.object({
  items: z.array(
    z.object({
      metadata,
      spec: z.object({
        nodeName: z.string().optional(),
        containers: z.array(
          z.object({
            name: z.string(),
            image: z.string().optional(),
            command: z.array(z.string()).optional(),
            args: z.array(z.string()).optional(),
          }),
        ),
      }),
      status: z
        .object({
          phase: z.string().optional(),
          podIP: z.string().optional(),
        })
        .optional(),
    }),
  ),
});
export type Pod = z.output<typeof podList>['items'][number];

export const service = z.object({
  spec: z.object({
    clusterIP: z.string().optional(),
    ports: z.array(z.object({ port: z.number(), nodePort: z.number().optional() })).optional(),
  }),
  status: z
    .object({
      loadBalancer: z.object({ ingress: z.array(z.object({ ip: z.string().optional() })).optional() }).optional(),
    })
    .optional(),
});

export const nodeList = z.object({
  items: z.array(
    z.object({
      metadata,
      spec: z.object({ providerID: z.string().optional() }).optional(),
      status: z.object({
        nodeInfo: z
          .object({
            kubeletVersion: z.string().optional(),
            kernelVersion: z.string().optional(),
            osImage: z.string().optional(),
            containerRuntimeVersion: z.string().optional(),
          })
          .optional(),
      }),
    }),
  ),
});
export type Node = z.output<typeof nodeList>['items'][number];

export const serviceList = z.object({ items: z.array(service) });

export const namespace = z.object({ metadata });
export const namespaceList = z.object({ items: z.array(namespace) });

/** coordination.k8s.io/v1; times are RFC 3339 with microseconds. */
export const lease = z.object({
  spec: z.object({
    holderIdentity: z.string().optional(),
    leaseDurationSeconds: z.number().optional(),
    renewTime: z.string().optional(),
  }),
});
export type LeaseSpec = z.output<typeof lease>['spec'];

export const forwardingRules = z.array(
  z.object({ name: z.string(), target: z.string().optional(), backendService: z.string().optional() }),
);

export const version = z.object({
  clientVersion: z.object({ gitVersion: z.string() }).optional(),
  serverVersion: z.object({ gitVersion: z.string() }).optional(),
});

export const clusters = z.array(
  z.object({
    name: z.string(),
    location: z.string().optional(),
    endpoint: z.string().optional(),
    privateClusterConfig: z
      .object({ privateEndpoint: z.string().optional(), publicEndpoint: z.string().optional() })
      .optional(),
    releaseChannel: z.object({ channel: z.string().optional() }).optional(),
    addonsConfig: z.record(z.string(), z.unknown()).optional(),
    networkConfig: z.object({ datapathProvider: z.string().optional() }).optional(),
  }),
);

/**
 * Runs a command that prints JSON and gives it typed.
 * @param what for the message, such as `reading the Service`
 * @throws {StopError} when it fails or prints something else
 */
export async function json<T extends z.ZodType>(
  run: Run,
  command: string,
  schema: T,
  what: string,
  signal?: AbortSignal,
): Promise<z.output<T>> {
  const outcome = await run(command, { signal });
  if (outcomeCause(outcome) !== undefined) throw new StopError(commandFailure(what, outcome));
  let data: unknown;
  try {
    data = JSON.parse(outcome.stdout.text());
  } catch {
    throw new StopError({ what, cause: 'it printed no JSON', command, stderr: outcome.stderr });
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new StopError({ what, cause: `unexpected JSON at ${issue?.path.join('.')}: ${issue?.message}`, command });
}
