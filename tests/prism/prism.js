#!/usr/bin/env node
// Stoplight Prism's command line, with the names of query parameters kept: the same arguments as `prism`.
//
// At start it prints an example address for each operation, and for that `createQueryUriTemplate` (dist/util/paths.js)
// escapes the parameters' names in the very operations that requests are held against later. From then on `group_by[]`
// is known as `group_by%5B%5D`, which no request is ever found to have, so that any value of it is let through. Here the
// names are put back once the address is made. What else is written there, that lists repeat their name, is right and
// stays.
//
// Seen in 5.14.2. This file can go, and `prism` be started instead, once a newer one makes the contract test's
// `a_bad_value_in_a_bracketed_parameter_is_refused` pass without it.
"use strict";

const paths = require("@stoplight/prism-cli/dist/util/paths");

const createExamplePath = paths.createExamplePath;
paths.createExamplePath = (operation, ...others) => {
  const parameters = operation.request?.query ?? [];
  const names = parameters.map(({ name }) => name);
  try {
    return createExamplePath(operation, ...others);
  } finally {
    parameters.forEach((parameter, index) => (parameter.name = names[index]));
  }
};

require("@stoplight/prism-cli/dist/index.js");
