using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Hosting;
using Titanic.Web.Lifecycle;
using Titanic.Web.Monitoring;
using Titanic.Web.Pages;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;

var command = CommandLine.Parse(args);
if (!command.NeedsApplication)
    return await command.Execute();

var builder = HostingModule.CreateBuilder(args);
builder.AddHosting(command);
builder.Services.AddDatabase();
builder.Services.AddPages(); // before AddWorkflow, whose access module removes a hosted service that Razor Pages register
builder.Services.AddWorkflow(builder.Configuration);

var app = builder.Build();
app.UseHosting();
app.UseAccess();
app.MapHosting();
app.MapFeatureStore();
app.MapRegistry();
app.MapServing();
app.MapMonitoring();
app.MapLifecycle();
app.MapPipelines();
app.MapPages();
app.MapAccess();
return await command.Execute(app);
