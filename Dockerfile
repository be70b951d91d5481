# One image for every role (web, features, training, inference) and for the commands that set up a deployment.
# It does not contain the embedded PostgreSQL: ConnectionStrings:Titanic sets the database of a container.

# docker-compose.yml can set other images, such as the same ones by digest.
ARG NODE_IMAGE=node:22
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG ASPNET_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0

# Node 20 or newer (see the README).
FROM ${NODE_IMAGE} AS client
WORKDIR /src/Titanic.Web
COPY Titanic.Web/package.json Titanic.Web/package-lock.json Titanic.Web/.npmrc ./
RUN npm ci --omit=optional --loglevel=error
COPY Titanic.Web/libman.json ./
COPY Titanic.Web/build/ build/
RUN node build/client-libraries.mjs
# LightGBM's native library requires GCC's OpenMP library, which this image contains and the aspnet image does not. Without it, training reports
# that LightGBM was not measured.
RUN mkdir /native && (cp -L /usr/lib/*-linux-gnu/libgomp.so.1 /native/ || true)

FROM ${SDK_IMAGE} AS build
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY Titanic.Web/Titanic.Web.csproj Titanic.Web/packages.lock.json Titanic.Web/
RUN dotnet restore Titanic.Web --locked-mode
COPY .editorconfig ./
COPY Titanic.Web/ Titanic.Web/
COPY --from=client /src/Titanic.Web/wwwroot/lib/ Titanic.Web/wwwroot/lib/
# The commit, for the code version that runs and model versions record.
ARG REVISION=
RUN dotnet publish Titanic.Web --no-restore --configuration Release --output /app -p:ClientLibraries=prebuilt -p:UseAppHost=false -p:SourceRevisionId=$REVISION
# The folders of create-secrets. A new volume that is mounted on one of them copies its owner and mode.
RUN install -d -m 700 /secrets/superuser /secrets/app

FROM ${ASPNET_IMAGE}
WORKDIR /app
COPY --from=build --chown=1654:1654 /secrets/ /run/titanic/
COPY --from=build /app/ ./
COPY --from=client /native/ /usr/lib/
# The account "app" of the base image, by number, so that Kubernetes can verify runAsNonRoot.
USER 1654
ENV ASPNETCORE_ENVIRONMENT=Production \
    ASPNETCORE_HTTP_PORTS=8080
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=10s --start-period=180s --start-interval=3s --retries=3 \
    CMD ["dotnet", "Titanic.Web.dll", "healthcheck", "http://localhost:8080/health/ready"]
ENTRYPOINT ["dotnet", "Titanic.Web.dll"]
