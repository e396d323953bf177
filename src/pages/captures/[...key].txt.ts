import type { APIRoute, GetStaticPaths } from 'astro';
import { siteReport } from '../../site.ts';

/** The raw outputs: the body's bytes, without the header. */
export const getStaticPaths: GetStaticPaths = () =>
  siteReport().captures.flatMap(({ key, stored }) =>
    stored ? [{ params: { key }, props: { body: stored.body } }] : [],
  );

export const GET: APIRoute = ({ props }) =>
  new Response(props.body, { headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
