// Style sheets that a script brings along; esbuild puts them into a file of their own.
declare module "*.css";
