FROM node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6

ENV NODE_ENV=production
# Half the memory: see FRUGAL in bin/bouncebell.js.
ENV MALLOC_ARENA_MAX=2 NODE_OPTIONS=--max-semi-space-size=8
WORKDIR /app

# Dependencies first: they change less often than the code.
COPY package.json package-lock.json .npmrc ./
# The image has its Node.js: the one that npm would bring along for older ones is left out.
RUN npm ci --omit=dev --omit=optional && npm cache clean --force

COPY bin ./bin
COPY src ./src
COPY adapters ./adapters
COPY migrations ./migrations
COPY bouncebell.example.yaml ./

# The embedded database, where no DATABASE_URL is given.
RUN mkdir -p /app/data && chown node:node /app/data
VOLUME /app/data
USER node
EXPOSE 3000

# The web page has no token by default and so listens on loopback; set server.host and chat.web.token to reach it from outside.
# It asks the port that bouncebell.yaml names; where the file is elsewhere, set BOUNCEBELL_CONFIG.
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s CMD ["node", "bin/bouncebell.js", "health"]

CMD ["node", "bin/bouncebell.js", "serve"]
