/** Folder with layers.yaml and captures/: the project itself, or another data set named by DATA_ROOT. */
export const dataRoot = process.env.DATA_ROOT ?? process.cwd();
