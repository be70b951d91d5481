using Microsoft.AspNetCore.Mvc.TagHelpers;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>A breadcrumb: one <see cref="CrumbTagHelper"/> per parent page, and the name of the current page without a link.</summary>
[HtmlTargetElement("breadcrumb")]
public sealed class BreadcrumbTagHelper : TagHelper
{
    public string Current { get; set; } = "";

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var parents = await output.GetChildContentAsync();
        output.TagName = "nav";
        output.Attributes.Add("aria-label", "Breadcrumb");
        output.Content.AppendFormat("""<ol class="breadcrumb">{0}<li class="breadcrumb-item active" aria-current="page">{1}</li></ol>""", parents, Current);
    }
}

/// <summary>A link to a parent page, with the attributes of <see cref="AnchorTagHelper"/>.</summary>
[HtmlTargetElement("crumb", ParentTag = "breadcrumb")]
public sealed class CrumbTagHelper(IHtmlGenerator generator) : AnchorTagHelper(generator)
{
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        base.Process(context, output);
        output.TagName = "a";
        output.PreElement.AppendHtml("""<li class="breadcrumb-item">""");
        output.PostElement.AppendHtml("</li>");
    }
}
